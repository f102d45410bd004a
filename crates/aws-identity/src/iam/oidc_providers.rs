//! `OpenID` Connect identity providers.

use aws_sdk_iam::types::OpenIdConnectProviderListEntry;
use orgraph_collect::prelude::*;

use super::{console, encoded};

pub(crate) static OIDC_PROVIDERS: Collector = Collector {
    name: "iam_oidc_providers",
    service: Service::IAM,
    scope: Scope::Account,
    calls: &[call("ListOpenIDConnectProviders")],
    entities: &[entity::<OidcProvider>()],
    relationships: &[rel(AWS_IAM, Has, AWS_IAM_OIDC_PROVIDER)],
    collect: |cx, out| Box::pin(oidc_providers(cx, out)),
};

/// An `OpenID` Connect identity provider, whose tokens roles may trust.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OidcProvider {
    /// The host and path of the issuer.
    id: String,
    /// `security`.
    category: [&'static str; 1],
    /// `IAM`.
    function: [&'static str; 1],
    /// The issuer of its tokens.
    url: String,
    /// Whether its tokens are accepted, which is so as long as it exists.
    active: bool,
}

impl Entity for OidcProvider {
    const TYPE: EntityType = AWS_IAM_OIDC_PROVIDER;
}

async fn oidc_providers(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let iam = client!(aws_sdk_iam, IAM, cx);
    let answer = iam.list_open_id_connect_providers().send().await?;
    for listed in answer.open_id_connect_provider_list.unwrap_or_default() {
        oidc_provider(cx, out, listed);
    }
    Ok(())
}

fn oidc_provider(cx: &Cx, out: &mut Batch, listed: OpenIdConnectProviderListEntry) {
    let Some(arn) = listed.arn else {
        return out.skip(None, "an OpenID Connect provider without an ARN");
    };
    let Some((_, issuer)) = arn.split_once(":oidc-provider/") else {
        return out.skip(Some(arn.into()), "an ARN that is not one of an OpenID Connect provider");
    };
    out.add(
        &arn,
        issuer,
        &OidcProvider {
            id: issuer.to_owned(),
            category: ["security"],
            function: ["IAM"],
            url: format!("https://{issuer}"),
            active: true,
        },
    )
    .web_link(console(cx, format_args!("identity_providers/details/OPENID/{}", encoded(&arn))));
}
