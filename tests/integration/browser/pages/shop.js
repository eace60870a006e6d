// A single-page shop: the title and the contents come after the address, as with any framework.
(() => {
  "use strict";

  const PRODUCTS = [
    { id: "k-1", name: "Blue kettle", price: "39.90", currency: "EUR", category: "kettles" },
    { id: "k-2", name: "Red kettle", price: "19.90", currency: "EUR", category: "kettles" },
  ];
  const main = document.querySelector("main");

  const card = (product) => {
    const link = Object.assign(document.createElement("a"), {
      href: `/product/${product.id}`,
      textContent: product.name,
    });
    const item = document.createElement("article");
    item.append(link, button("add", "cart", product), button("add", "wishlist", product));
    return item;
  };

  const button = (what, container, product) => {
    const made = document.createElement("button");
    made.id = `${what}-${container}-${product.id}`;
    made.textContent = `${what} ${container}`;
    made.setAttribute(`data-oncue-${what}`, JSON.stringify(product));
    if (container !== "cart") made.setAttribute("data-oncue-container", container);
    return made;
  };

  const render = () => {
    const product = PRODUCTS.find(({ id }) => location.pathname === `/product/${id}`);
    const view = document.createElement("section");
    if (product) {
      document.title = product.name;
      view.setAttribute("data-oncue-product", JSON.stringify(product));
      view.append(product.name, button("remove", "cart", product));
    } else if (location.pathname === "/about") {
      document.title = "About";
      view.append("A shop for kettles.");
    } else {
      document.title = "Kettles";
      view.setAttribute("data-oncue-category", "kettles");
      view.append(...PRODUCTS.map(card));
    }
    main.replaceChildren(view);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    history.pushState({}, "", link.href);
    setTimeout(render, 5);
  });
  addEventListener("popstate", render);
  render();
})();
