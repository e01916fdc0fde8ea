// A dear article on the watch list goes over the counter for next to nothing.
import type { Attack } from "../attack.ts";

const SKU = "truffle-oil";

export const watchedArticleRepriced: Attack = {
  id: "watched-article-repriced",
  detection: "watched-item-override",
  title: "The price of a watched article changed by hand",
  when: "open",
  lists: { watch: [SKU] },
  inject(context) {
    return [
      context.record(context.till, context.atMs, "override_applied", {
        override_kind: "price",
        sku: SKU,
        old_amount: 8_900,
        new_amount: 6_900,
        cost: 4_000,
      }),
    ];
  },
};
