//! Every key of the configuration: its unit, its default, its check. Opens nothing.

use serde::{Deserialize, Serialize};

/// Every limit (contract, 4.8); each has its unit in its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The longest request.
    pub request_bytes_max: usize,
    /// The longest reply.
    pub reply_bytes_max: usize,
    /// Connections at once.
    pub connections_max: usize,
    /// Live clients.
    pub clients_max: usize,
    /// The largest value that is stored or sent, as `Value::measure` counts.
    pub value_bytes_max: usize,
    /// How long one expression may compute.
    pub expression_ms_max: u64,
    /// How long one expression may hold the shared state.
    pub state_ms_max: u64,
    /// How much memory one expression may use.
    pub expression_memory_bytes_max: usize,
    /// How long one SQL statement may run.
    pub statement_ms_max: u64,
    /// Groups that somebody is in.
    pub groups_max: usize,
    /// Messages in one inbox.
    pub inbox_messages_max: usize,
    /// Bytes in one inbox.
    pub inbox_bytes_max: usize,
    /// Keys in the registry, and apart from them shared names.
    pub registry_keys_max: usize,
    /// Bytes in the registry, keys and values.
    pub registry_bytes_max: usize,
    /// Items in one queue.
    pub queue_items_max: usize,
    /// Bytes in one queue.
    pub queue_bytes_max: usize,
    /// Queues.
    pub queues_max: usize,
    /// Bytes in all inboxes, the registry and the queues.
    pub state_bytes_max: usize,
    /// Bytes in the users' own database.
    pub database_bytes_max: usize,
    /// Rows that one statement may yield.
    pub rows_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            request_bytes_max: 65_536,
            reply_bytes_max: 1_048_576,
            connections_max: 10_000,
            clients_max: 10_000,
            value_bytes_max: 65_536,
            expression_ms_max: 250,
            state_ms_max: 5,
            expression_memory_bytes_max: 16_777_216,
            statement_ms_max: 1_000,
            groups_max: 10_000,
            inbox_messages_max: 1_000,
            inbox_bytes_max: 1_048_576,
            registry_keys_max: 100_000,
            registry_bytes_max: 67_108_864,
            queue_items_max: 10_000,
            queue_bytes_max: 16_777_216,
            queues_max: 10_000,
            state_bytes_max: 268_435_456,
            database_bytes_max: 268_435_456,
            rows_max: 1_000,
        }
    }
}
