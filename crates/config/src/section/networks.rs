use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::tree::Place;

/// What is known about networks outside AWS.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [networks]")]
pub struct Networks {
    /// Ranges of addresses that are trusted, such as those of offices and partners. Networks and hosts within them
    /// that a rule of a security group names get `trusted = true`.
    #[schemars(extend("x-example" = ["203.0.113.0/24", "2001:db8:7::/48"]))]
    pub trusted: Vec<String>,
}

impl Networks {
    /// The ranges that are trusted.
    pub fn trusted(&self) -> Vec<IpNet> {
        self.trusted.iter().filter_map(|it| it.parse().ok()).collect()
    }

    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        let place = place.key("trusted");
        let help = "write ranges like \"203.0.113.0/24\" or \"2001:db8:7::/48\", and one address like \"203.0.113.7/32\"";
        review.list(&place, &self.trusted, |it| it.parse::<IpNet>().is_ok(), "a range of addresses", help);
        for (at, text) in self.trusted.iter().enumerate() {
            let Ok(range) = text.parse::<IpNet>() else { continue };
            if range.prefix_len() == 0 {
                let message = format!("`{text}` is the whole internet");
                review.problem(&place.item(at), message, "list only networks that you know");
            } else if range != range.trunc() {
                let message = format!("`{text}` is not the beginning of a range");
                review.problem(&place.item(at), message, format!("did you mean \"{}\"?", range.trunc()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn ranges_of_both_families_are_read() {
        let text = "[[account]]\nid = \"111111111111\"\nrole_arn = \"arn:aws:iam::111111111111:role/r\"\n\
                    external_id_env = \"X\"\n\
                    [networks]\ntrusted = [\"203.0.113.0/24\", \"2001:DB8:7::/48\", \"198.51.100.7/32\"]\n";

        let config = parse("orgraph.toml", text, &[], &|_| Some("0f3c1d2e".to_owned())).unwrap();

        let trusted: Vec<String> = config.networks.trusted().iter().map(ToString::to_string).collect();
        assert_eq!(trusted, ["203.0.113.0/24", "2001:db8:7::/48", "198.51.100.7/32"]);
    }
}
