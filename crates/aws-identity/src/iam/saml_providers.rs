//! SAML identity providers.

use std::collections::HashMap;

use aws_sdk_iam::operation::get_saml_provider::GetSamlProviderOutput;
use aws_sdk_iam::types::SamlProviderListEntry;
use orgraph_collect::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::policies::tag_pairs;
use super::{console, encoded};

pub(crate) static SAML_PROVIDERS: Collector = Collector {
    name: "iam_saml_providers",
    service: Service::IAM,
    scope: Scope::Account,
    calls: &[call("ListSAMLProviders"), call("GetSAMLProvider")],
    entities: &[entity::<SamlProvider>()],
    relationships: &[rel(AWS_IAM, Has, AWS_IAM_SAML_PROVIDER)],
    collect: |cx, out| Box::pin(saml_providers(cx, out)),
};

/// A SAML identity provider, whose word roles may trust. Its metadata document is read for the issuer only.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SamlProvider {
    /// The name.
    id: String,
    /// `security`.
    category: [&'static str; 1],
    /// `IAM`.
    function: [&'static str; 1],
    /// When its metadata expires, in milliseconds since the epoch.
    valid_until: Option<i64>,
    /// The same.
    expires_on: Option<i64>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// The `entityID` of the provider.
    issuer: Option<String>,
}

impl Entity for SamlProvider {
    const TYPE: EntityType = AWS_IAM_SAML_PROVIDER;
}

async fn saml_providers(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let iam = client!(aws_sdk_iam, IAM, cx);
    let answer = iam.list_saml_providers().send().await?;
    let details = |listed: SamlProviderListEntry| async {
        let arn = listed.arn.clone().unwrap_or_default();
        let details = detail(iam.get_saml_provider().saml_provider_arn(arn).send().await)?;
        Ok::<_, CollectError>((listed, details))
    };
    for detailed in cx.concurrently(answer.saml_provider_list.unwrap_or_default(), details).await {
        let (listed, details) = detailed?;
        saml_provider(cx, out, listed, &details);
    }
    Ok(())
}

fn saml_provider(
    cx: &Cx,
    out: &mut Batch,
    listed: SamlProviderListEntry,
    details: &Detail<Option<GetSamlProviderOutput>>,
) {
    let Some(arn) = listed.arn else {
        return out.skip(None, "a SAML provider without an ARN");
    };
    let name = last_segment(&arn).to_owned();
    let answer = details.known().and_then(Option::as_ref);
    let valid_until = listed.valid_until.as_ref().and_then(millis);
    let tags: HashMap<String, String> =
        tag_pairs(answer.map(GetSamlProviderOutput::tags).unwrap_or_default()).into_iter().collect();

    out.add(
        &arn,
        &name,
        &SamlProvider {
            id: name.clone(),
            category: ["security"],
            function: ["IAM"],
            valid_until,
            expires_on: valid_until,
            created_on: listed.create_date.as_ref().and_then(millis),
            issuer: answer.and_then(|it| issuer(it.saml_metadata_document.as_deref()?)),
        },
    )
    .tags(tags)
    .web_link(console(cx, format_args!("identity_providers/details/SAML/{}", encoded(&arn))))
    .unknown(details, &["issuer", "tags"]);
}

/// The `entityID` of the root element.
fn issuer(metadata: &str) -> Option<String> {
    let mut reader = Reader::from_str(metadata);
    loop {
        match reader.read_event().ok()? {
            Event::Start(root) | Event::Empty(root) => {
                let mut attributes = root.attributes().flatten();
                let id = attributes.find(|it| it.key.as_ref() == "entityID")?;
                return Some(id.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?.into_owned());
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_is_the_entity_id() {
        let metadata = r#"<?xml version="1.0"?><!-- idp --><md:EntityDescriptor
            xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/a?b=1&amp;c=2">
            <md:IDPSSODescriptor/></md:EntityDescriptor>"#;

        assert_eq!(issuer(metadata).as_deref(), Some("https://idp.example.com/a?b=1&c=2"));
        assert_eq!(issuer("<a/>"), None);
        assert_eq!(issuer("no document"), None);
    }
}
