-- The floor: one set-based transaction that writes the rows a billing run writes, into the same tables, under the same
-- constraints and triggers. The benchmark checks that both leave equal rows.
BEGIN;
CREATE TEMP TABLE priced ON COMMIT DROP AS
SELECT s.customer_id, s.id AS subscription_id, c.id AS component_id, p.name AS description,
       c.billed_until AS period_start, (c.billed_until + interval '1 month')::date AS period_end, c.quantity,
       c.unit_price_minor, c.quantity * c.unit_price_minor AS amount_minor, t.id AS tax_rate_id, t.name AS tax_name,
       t.rate_percent, round(c.quantity * c.unit_price_minor * t.rate_percent / 100)::bigint AS tax_minor,
       row_number() OVER (PARTITION BY s.customer_id ORDER BY s.id, c.id) AS position
FROM subscriptions s
JOIN subscription_components c ON c.subscription_id = s.id
JOIN plans p ON p.id = c.plan_id
JOIN tax_rates t ON t.id = p.tax_rate_id
WHERE c.due_on <= '2026-04-01';

CREATE TEMP TABLE due ON COMMIT DROP AS
SELECT d.*, nextval('invoices_id_seq') AS id, nextval('journal_entries_id_seq') AS entry_id,
       row_number() OVER (ORDER BY d.customer_id) - 1 AS rank
FROM (SELECT customer_id, sum(amount_minor)::bigint AS net_minor, sum(tax_minor)::bigint AS tax_minor
      FROM priced GROUP BY customer_id ORDER BY customer_id) d;
ANALYZE priced;
ANALYZE due;

WITH taken AS (
    UPDATE number_series SET next_number = next_number + (SELECT count(*) FROM due) WHERE kind = 'invoice'
    RETURNING prefix, digits, next_number - (SELECT count(*) FROM due) AS first
)
INSERT INTO invoices (id, number, customer_id, billing_run_id, seller_id, status, issued_on, due_on, net_minor, tax_minor,
    total_minor, buyer_name, buyer_address, buyer_tax_identifier, created_at)
SELECT d.id, t.prefix || lpad((t.first + d.rank)::text, t.digits::int, '0'), d.customer_id, NULL, 1, 'issued', '2026-04-01',
       '2026-04-16', d.net_minor, d.tax_minor, d.net_minor + d.tax_minor, c.name, c.street, c.tax_identifier, now()
FROM due d JOIN customers c ON c.id = d.customer_id CROSS JOIN taken t;

INSERT INTO invoice_lines (invoice_id, position, subscription_id, component_id, description, arithmetic, period_start,
    period_end, quantity, unit_price_minor, amount_minor, net_minor, tax_minor, tax_rate_id)
SELECT d.id, c.position, c.subscription_id, c.component_id, c.description, '', c.period_start, c.period_end, c.quantity,
       c.unit_price_minor, c.amount_minor, c.amount_minor, c.tax_minor, c.tax_rate_id
FROM priced c JOIN due d ON d.customer_id = c.customer_id;

INSERT INTO invoice_taxes (invoice_id, tax_rate_id, name, rate_percent, base_minor, tax_minor)
SELECT d.id, c.tax_rate_id, c.tax_name, c.rate_percent, sum(c.amount_minor), sum(c.tax_minor)
FROM priced c JOIN due d ON d.customer_id = c.customer_id GROUP BY d.id, c.tax_rate_id, c.tax_name, c.rate_percent;

INSERT INTO journal_entries (id, posted_on, source, source_id, memo, created_by, created_at)
SELECT d.entry_id, '2026-04-01', 'invoice', d.id, 'Invoice ' || i.number, 'System', now()
FROM due d JOIN invoices i ON i.id = d.id;

INSERT INTO journal_postings (entry_id, account_id, customer_id, amount_minor)
SELECT d.entry_id, a.id, CASE a.purpose WHEN 'receivable' THEN d.customer_id END,
       CASE a.purpose WHEN 'receivable' THEN d.net_minor + d.tax_minor WHEN 'revenue' THEN -d.net_minor
                      ELSE -d.tax_minor END
FROM due d JOIN ledger_accounts a ON a.purpose IN ('receivable', 'revenue', 'tax_payable');

UPDATE subscription_components s SET billed_until = c.period_end, due_on = c.period_end FROM priced c
WHERE c.component_id = s.id;
COMMIT;
