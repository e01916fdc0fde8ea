// What a customer lays on the counter: lines, a price set by hand now and then, a line taken off, discounts.
import type { Random } from "./random.ts";
import type { Article } from "./shop.ts";
import { type Ticket, tell, wait } from "./ticket.ts";
import type { World } from "./world.ts";

/** The most that a cashier may give without asking. */
const DISCOUNT_CEILING_BP = 2_000;

const weightsOf = new WeakMap<readonly Article[], number[]>();

function drawArticle(random: Random, articles: readonly Article[]): Article {
  let weights = weightsOf.get(articles);
  if (weights === undefined) {
    weights = articles.map((article) => article.weight);
    weightsOf.set(articles, weights);
  }
  return articles[random.weighted(weights)] as Article;
}

function quantityMilli(random: Random, article: Article): number {
  if (article.entry_method === "weighed") return random.int(8, 60) * 10;
  return random.chance(0.85) ? 1_000 : random.int(2, 4) * 1_000;
}

function ringLine(world: World, ticket: Ticket, article: Article): void {
  const { random } = ticket;
  const gap = ticket.lines === 0 ? 0 : wait(world, ticket, 3.5);
  const quantity_milli = quantityMilli(random, article);
  let unit_price = article.price;
  if (random.chance(0.002)) {
    // A dented tin: the price goes down by hand, but not below what it cost.
    unit_price = Math.max(article.cost, Math.round(article.price * 0.85));
    tell(world, ticket, "override_applied", {
      override_kind: "price",
      sku: article.sku,
      old_amount: article.price,
      new_amount: unit_price,
      cost: article.cost,
    });
  }
  ticket.lines += 1;
  const line_id = `${ticket.ticket_id}-${ticket.lines}`;
  const line_amount = Math.round((unit_price * quantity_milli) / 1_000);
  tell(world, ticket, "line_item", {
    line_id,
    sku: article.sku,
    department: article.department,
    is_open_department: false,
    entry_method:
      article.entry_method === "scan" && random.chance(0.02) ? "keyed" : article.entry_method,
    quantity_milli,
    unit_price,
    list_price: article.price,
    cost: article.cost,
    line_amount,
    is_promo: false,
    ...(gap > 0 ? { scan_gap_ms: gap } : {}),
  });
  ticket.gross += line_amount;
  if (random.chance(0.008) && ticket.lines > 1) {
    wait(world, ticket, 6);
    tell(world, ticket, "line_removed", { line_id, sku: article.sku, line_amount });
    ticket.gross -= line_amount;
    ticket.removed += 1;
  }
}

/** Now and then the customer buys a gift card too; it is activated once the ticket is paid. */
function ringGiftCard(world: World, ticket: Ticket): void {
  const amount = ticket.random.pick([1_000, 2_500, 2_500, 5_000]);
  ticket.lines += 1;
  tell(world, ticket, "line_item", {
    line_id: `${ticket.ticket_id}-${ticket.lines}`,
    sku: "gift-card",
    department: "gift",
    is_open_department: false,
    entry_method: "scan",
    quantity_milli: 1_000,
    unit_price: amount,
    list_price: amount,
    line_amount: amount,
    is_promo: false,
  });
  ticket.gross += amount;
  ticket.giftCardAmount = amount;
}

export function ringUp(world: World, ticket: Ticket): void {
  const { random } = ticket;
  const wanted = 1 + random.poisson(2.3);
  for (let i = 0; i < wanted; i += 1) {
    ringLine(world, ticket, drawArticle(random, world.shop.articles));
  }
  if (random.chance(0.006)) ringGiftCard(world, ticket);
}

function give(world: World, ticket: Ticket, discount_kind: string, wantedBp: number): void {
  const amount = Math.round((ticket.gross * wantedBp) / 10_000);
  if (amount === 0) return;
  tell(world, ticket, "discount", {
    discount_kind,
    amount,
    discount_bp: wantedBp,
    at_ceiling: discount_kind === "manual" && wantedBp >= DISCOUNT_CEILING_BP,
  });
  ticket.discount += amount;
}

/** At most one discount a ticket: a promotion, the loyalty scheme, staff, or a cashier's kindness. */
const DISCOUNTS = [
  { weight: 90.5 },
  { weight: 5, kind: "promo", bp: [1_000, 1_500] },
  { weight: 1.6, kind: "loyalty", bp: [500] },
  { weight: 1.2, kind: "staff", bp: [1_500] },
  // A dented or day-old thing goes for half its price.
  { weight: 0.03, kind: "manual", bp: [4_000, 5_000] },
  { weight: 1.7, kind: "manual", bp: [500, 500, 1_000, 1_000, 1_000, 1_500, 2_000] },
];
const DISCOUNT_WEIGHTS = DISCOUNTS.map(({ weight }) => weight);

export function giveDiscount(world: World, ticket: Ticket): void {
  const { random } = ticket;
  // A gift card is money, and money is not discounted.
  if (ticket.giftCardAmount > 0) return;
  const drawn = DISCOUNTS[random.weighted(DISCOUNT_WEIGHTS)];
  if (drawn?.kind !== undefined) give(world, ticket, drawn.kind, random.pick(drawn.bp));
}
