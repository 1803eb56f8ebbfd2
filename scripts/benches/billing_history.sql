-- Bills, payments and books of the months before the day that is measured: rows as the product would have left them,
-- every invoice paid ten days after its issue. Triggers and foreign keys are off while they come in.
SET session_replication_role = replica;
CREATE TEMP TABLE past AS
SELECT row_number() OVER (ORDER BY month, s.customer_id) AS id, s.customer_id, s.id AS subscription_id,
       (DATE '2026-04-01' - month * interval '1 month')::date AS issued_on, 100000 AS net_minor, 12000 AS tax_minor
FROM subscriptions s CROSS JOIN generate_series(1, {months}) month;
ANALYZE past;

INSERT INTO invoices (id, number, customer_id, seller_id, status, issued_on, due_on, net_minor, tax_minor, total_minor,
    settled_on, buyer_name, buyer_address, buyer_tax_identifier, created_at)
SELECT p.id, 'INV-' || p.id || '-OLD', p.customer_id, 1, 'issued', p.issued_on, p.issued_on + 15, p.net_minor, p.tax_minor,
       p.net_minor + p.tax_minor, p.issued_on + 10, c.name, c.street, c.tax_identifier, p.issued_on
FROM past p JOIN customers c ON c.id = p.customer_id ORDER BY p.id;

INSERT INTO invoice_lines (invoice_id, position, subscription_id, component_id, description, period_start, period_end,
    quantity, unit_price_minor, amount_minor, net_minor, tax_minor, tax_rate_id)
SELECT p.id, row_number() OVER (PARTITION BY p.id ORDER BY c.id), p.subscription_id, c.id, 'Fibre', p.issued_on,
       (p.issued_on + interval '1 month')::date, 1, p.net_minor / 2, p.net_minor / 2, p.net_minor / 2, p.tax_minor / 2, 1
FROM past p JOIN subscription_components c ON c.subscription_id = p.subscription_id ORDER BY p.id, c.id;

INSERT INTO invoice_taxes (invoice_id, tax_rate_id, name, rate_percent, base_minor, tax_minor)
SELECT id, 1, 'VAT', 12, net_minor, tax_minor FROM past ORDER BY id;

INSERT INTO payments (id, number, customer_id, amount_minor, method, reference, received_on, applied_on, recorded_by,
    recorded_at)
SELECT id, 'CR-' || id || '-OLD', customer_id, net_minor + tax_minor, 'bank', 'REF-' || id, issued_on + 10, issued_on + 10,
       'Bench', issued_on + 10
FROM past ORDER BY id;

INSERT INTO payment_allocations (payment_id, invoice_id, amount_minor, allocated_at)
SELECT id, id, net_minor + tax_minor, issued_on + 10 FROM past ORDER BY id;

INSERT INTO journal_entries (id, posted_on, source, source_id, memo, created_by, created_at)
SELECT 2 * id - paid, issued_on + 10 * (1 - paid), CASE paid WHEN 1 THEN 'invoice' ELSE 'payment' END, id, '', 'Bench',
       issued_on
FROM past CROSS JOIN generate_series(0, 1) paid ORDER BY 1;

INSERT INTO journal_postings (entry_id, account_id, customer_id, amount_minor)
SELECT 2 * p.id - v.paid, a.id, CASE a.purpose WHEN 'receivable' THEN p.customer_id END, v.amount_minor
FROM past p
CROSS JOIN LATERAL (VALUES (1, 'receivable', p.net_minor + p.tax_minor), (1, 'revenue', -p.net_minor),
    (1, 'tax_payable', -p.tax_minor), (0, 'bank', p.net_minor + p.tax_minor), (0, 'receivable', -p.net_minor - p.tax_minor)
) AS v (paid, purpose, amount_minor)
JOIN ledger_accounts a ON a.purpose = v.purpose ORDER BY p.id;

SELECT setval('invoices_id_seq', (SELECT max(id) FROM invoices)), setval('payments_id_seq', (SELECT max(id) FROM payments)),
       setval('journal_entries_id_seq', (SELECT max(id) FROM journal_entries));
DROP TABLE past;
SET session_replication_role = DEFAULT;
