-- How many deliveries wait for a webhook is found without those that were made.

CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook_id) WHERE due_at IS NOT NULL;
