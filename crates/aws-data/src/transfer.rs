//! AWS Transfer Family: servers, and the users that a server manages itself. What is transferred is never read.

mod servers;
mod users;

use aws_sdk_transfer::Client;
use aws_sdk_transfer::types::{IdentityProviderType, ListedServer, ListedUser};
use orgraph_collect::prelude::*;

use self::servers::{Server, server};
use self::users::{User, user};
use crate::shape::{always, while_there};

pub(crate) static SERVERS: Collector = Collector {
    name: "transfer_servers",
    service: Service::TRANSFER,
    scope: Scope::Region,
    calls: &[
        call("ListServers").lists("Servers"),
        call("DescribeServer").lists("Server"),
        call("ListUsers").lists("Users"),
        call("DescribeUser").lists("User"),
    ],
    entities: &[entity::<Server>(), entity::<User>()],
    relationships: &[
        rel(AWS_TRANSFER, Has, AWS_TRANSFER_SERVER),
        rel(AWS_TRANSFER_SERVER, Has, AWS_TRANSFER_USER),
        rel(AWS_SECURITY_GROUP, Protects, AWS_TRANSFER_SERVER),
        rel(AWS_IAM_ROLE, Assigned, AWS_TRANSFER_SERVER),
        rel(AWS_IAM_ROLE, Assigned, AWS_TRANSFER_USER),
        rel(AWS_S3_BUCKET, Allows, AWS_TRANSFER_USER),
    ],
    collect: |cx, out| Box::pin(collect(cx, out)),
};

async fn collect(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let transfer = client!(aws_sdk_transfer, TRANSFER, cx);
    let mut pages = pages!(cx, transfer.list_servers(), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.servers {
            let id = listed.server_id().unwrap_or_else(|| last_segment(&listed.arn)).to_owned();
            // Every other kind of server asks somebody else who its users are.
            if listed.identity_provider_type == Some(IdentityProviderType::ServiceManaged) {
                users(cx, out, &transfer, &listed, &id).await?;
            }
            let answer = detail(transfer.describe_server().server_id(&id).send().await)?;
            let Some(described) = while_there(always("DescribeServer", answer, |it| it.server)) else {
                out.skip(Some(listed.arn.into()), "a server deleted while it was read");
                continue;
            };
            server(cx, out, &id, listed, &described);
        }
    }
    Ok(())
}

async fn users(
    cx: &Cx,
    out: &mut Batch,
    transfer: &Client,
    server: &ListedServer,
    server_id: &str,
) -> Result<(), CollectError> {
    let request = transfer.list_users().server_id(server_id);
    let listed = match detail_pages(pages!(cx, request, next_token).all(|it| Some(it.users)).await)? {
        Detail::Known(listed) => listed.unwrap_or_default(),
        Detail::Unknown(error) => {
            out.incomplete(&error);
            return Ok(());
        }
    };
    let details = |listed: ListedUser| async {
        let name = listed.user_name().unwrap_or_else(|| last_segment(&listed.arn)).to_owned();
        let request = transfer.describe_user().server_id(server_id).user_name(&name);
        let answer = detail(request.send().await)?;
        let described = while_there(always("DescribeUser", answer, |it| it.user));
        Ok::<_, CollectError>((listed, name, described))
    };
    for detailed in cx.concurrently(listed, details).await {
        let (listed, name, described) = detailed?;
        match described {
            Some(described) => user(cx, out, server, server_id, &name, listed, &described),
            None => out.skip(Some(listed.arn.into()), "a user deleted while it was read"),
        }
    }
    Ok(())
}
