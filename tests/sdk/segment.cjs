// Usage: node segment.cjs COLLECTOR
const { Analytics } = require("@segment/analytics-node");

const client = new Analytics({
  writeKey: "write-1",
  host: process.argv[2],
  flushInterval: 50,
  maxRetries: 5,
});
client.on("error", (error) => console.error(error));
client.identify({ userId: "ada", traits: { email: "ada@shop.example" } });
client.page({ userId: "ada", name: "Home", properties: { url: "https://shop.example/" } });
client.track({ userId: "ada", event: "Product Viewed", properties: { product_id: "k-1", price: 39.9 } });
client.track({ anonymousId: "visitor", event: "Asked" });
client.closeAndFlush();
