//! Amazon ECR: private repositories, their images, and what scanners found in these. Layers are never read.

mod finding;
mod image;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::Repository as Listed;
use orgraph_collect::prelude::*;

pub(crate) static REPOSITORIES: Collector = Collector {
    name: "ecr_repositories",
    service: Service::ECR,
    scope: Scope::Region,
    calls: &[
        call("DescribeRepositories").lists("repositories"),
        call("GetRepositoryPolicy").lists("policyText"),
        call("GetLifecyclePolicy").lists("lifecyclePolicyText"),
        call("ListTagsForResource").lists("tags"),
        call("DescribeImages").lists("imageDetails"),
        // A scan that found nothing, or has not ended, may have no findings; its status is always there.
        call("DescribeImageScanFindings").lists("imageScanStatus"),
    ],
    entities: &[entity::<Repository>(), entity::<image::Image>(), entity::<finding::Finding>()],
    relationships: &[
        rel(AWS_ECR, Has, AWS_ECR_REPOSITORY),
        rel(AWS_ECR_REPOSITORY, Has, AWS_ECR_IMAGE),
        rel(AWS_ECR_IMAGE, Has, AWS_ECR_IMAGE_SCAN_FINDING),
    ],
    collect: |cx, out| Box::pin(repositories(cx, out)),
};

/// A private repository of container images.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Repository {
    /// The repository's name, with the namespaces before it.
    id: String,
    /// The address to push to and to pull from.
    uri: Option<String>,
    /// Whether its policy lets anybody in without a condition.
    public: Option<bool>,
    /// The account whose registry it is in.
    registry_id: Option<String>,
    /// Whether a tag may be moved to another image: `MUTABLE`, `IMMUTABLE`, or one of these with exceptions.
    image_tag_mutability: Option<String>,
    /// Whether an image is scanned when it is pushed.
    scan_on_push: Option<bool>,
    /// Whether its images are encrypted at rest.
    encrypted: Option<bool>,
    /// `AES256`, `KMS` or `KMS_DSSE`.
    encryption_type: Option<String>,
    /// The key that encrypts its images; `null` for the key of AWS.
    kms_key: Option<String>,
    /// Its resource policy, as JSON text; `null` when it has none.
    policy_text: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// Whether a lifecycle policy removes old images.
    lifecycle_policy_configured: Option<bool>,
}

impl Entity for Repository {
    const TYPE: EntityType = AWS_ECR_REPOSITORY;
}

/// What is asked about each repository.
struct Details {
    policy: Detail<Option<String>>,
    lifecycle: Detail<bool>,
    tags: Detail<Vec<(String, String)>>,
}

async fn repositories(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ecr = client!(aws_sdk_ecr, ECR, cx);
    let mut pages = pages!(cx, ecr.describe_repositories(), next_token);
    while let Some(page) = pages.next().await? {
        let detailed = |listed: Listed| async {
            let details = details(&ecr, &listed).await?;
            Ok::<_, CollectError>((listed, details))
        };
        for detailed in cx.concurrently(page.repositories.unwrap_or_default(), detailed).await {
            let (listed, details) = detailed?;
            repository(cx, out, &listed, &details);
            image::images(cx, out, &ecr, &listed).await?;
        }
    }
    Ok(())
}

async fn details(ecr: &Client, listed: &Listed) -> Result<Details, CollectError> {
    let name = listed.repository_name().unwrap_or_default();
    let arn = listed.repository_arn().unwrap_or_default();
    // A repository without a policy, or without a lifecycle policy, answers that there is none.
    let policy = detail(ecr.get_repository_policy().repository_name(name).send().await)?;
    let lifecycle = detail(ecr.get_lifecycle_policy().repository_name(name).send().await)?;
    let tags = detail(ecr.list_tags_for_resource().resource_arn(arn).send().await)?;
    Ok(Details {
        policy: policy.map(|it| it.and_then(|it| it.policy_text)),
        lifecycle: lifecycle.map(|it| it.is_some_and(|it| it.lifecycle_policy_text.is_some())),
        tags: tags.map(|it| {
            let tags = it.and_then(|it| it.tags).unwrap_or_default();
            tags.into_iter().map(|it| (it.key, it.value)).collect()
        }),
    })
}

fn repository(cx: &Cx, out: &mut Batch, listed: &Listed, details: &Details) {
    let (Some(arn), Some(name)) = (listed.repository_arn(), listed.repository_name()) else {
        return out.skip(None, "a repository without an ARN or a name");
    };
    let encryption = listed.encryption_configuration();
    let policy = details.policy.known().cloned().flatten();

    out.add(
        arn,
        name,
        &Repository {
            id: name.to_owned(),
            uri: listed.repository_uri.clone(),
            // Nobody outside gets in without a policy.
            public: policy.as_deref().map_or(Some(false), allows_anybody),
            registry_id: listed.registry_id.clone(),
            image_tag_mutability: listed.image_tag_mutability().map(|it| it.as_str().to_owned()),
            scan_on_push: listed.image_scanning_configuration().map(|it| it.scan_on_push),
            encrypted: encryption.map(|_| true),
            encryption_type: encryption.map(|it| it.encryption_type.as_str().to_owned()),
            kms_key: encryption.and_then(|it| it.kms_key.clone()),
            policy_text: policy,
            created_on: listed.created_at().and_then(millis),
            lifecycle_policy_configured: details.lifecycle.known().copied(),
        },
    )
    .tags(details.tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("{}?region={}", console_path(cx, name), cx.region())))
    .unknown(&details.policy, &["policyText", "public"])
    .unknown(&details.lifecycle, &["lifecyclePolicyConfigured"])
    .unknown(&details.tags, &["tags"]);
}

/// Where the console shows a repository.
fn console_path(cx: &Cx, repository_name: &str) -> String {
    format!("ecr/repositories/private/{}/{}", cx.account(), url_encoded(repository_name))
}
