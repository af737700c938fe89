//! SQL: the users' own database.
//!
//! Owns no more than the calls. May use what `client` offers.

use super::Client;
use crate::call::Call;
use crate::{Error, Value};

impl Client {
    /// The rows of one SQL statement. The parameters are bound, never pasted: a list for `?`, a dict for
    /// `:name`, [`Value::None`] for none.
    ///
    /// ```no_run
    /// # use share_client::Value;
    /// # let server = share_client::Client::connect("127.0.0.1:2980")?;
    /// for row in server.sql("SELECT name, age FROM people WHERE age > ?", [Value::from(18)])? {
    ///     println!("{row:?}");
    /// }
    /// # Ok::<(), share_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// `sql` where the database refuses the statement, `limit` where it takes too long or yields too much.
    pub fn sql(&self, query: &str, params: impl Into<Value>) -> Result<Vec<Vec<Value>>, Error> {
        let params = Some(params.into()).filter(|params| *params != Value::None);
        let rows = Vec::<Value>::try_from(self.value(Call::new("sql").arg(query).optional(params))?)?;
        rows.into_iter().map(Vec::try_from).collect()
    }
}
