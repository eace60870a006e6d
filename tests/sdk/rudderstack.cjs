// Usage: node rudderstack.cjs COLLECTOR
const Analytics = require("@rudderstack/rudder-sdk-node");

const client = new Analytics("write-1", { dataPlaneUrl: process.argv[2], flushInterval: 50 });
client.identify({ userId: "ada", traits: { email: "ada@shop.example" } });
client.page({ userId: "ada", name: "Home", properties: { url: "https://shop.example/" } });
client.track({ userId: "ada", event: "Product Viewed", properties: { product_id: "k-1", price: 39.9 } });
client.track({ anonymousId: "visitor", event: "Asked" });
client.flush().then(() => process.exit(0), (error) => console.error(error));
