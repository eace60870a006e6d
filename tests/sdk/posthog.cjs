// Usage: node posthog.cjs COLLECTOR
const { PostHog } = require("posthog-node");

const client = new PostHog("write-1", {
  host: process.argv[2],
  flushInterval: 50,
  fetchRetryDelay: 100,
});
client.identify({ distinctId: "ada", properties: { email: "ada@shop.example" } });
client.capture({
  distinctId: "ada",
  event: "$pageview",
  properties: { $current_url: "https://shop.example/" },
});
client.capture({
  distinctId: "ada",
  event: "Product Viewed",
  properties: { product_id: "k-1", price: 39.9 },
});
client.capture({
  distinctId: "visitor",
  event: "Asked",
  properties: { $process_person_profile: false },
});
client.shutdown().then(() => process.exit(0));
