"""Users of file transfer servers: moto knows each of them, but not their list."""

from moto.transfer.models import transfer_backends

from ..answer import Answer
from .asked import Asked, Handler


def users(asked: Asked) -> Answer:
    server_id = asked.request["ServerId"]
    server = transfer_backends[asked.call.account][asked.call.region].servers.get(server_id)
    if server is None:
        return asked.refuse("ResourceNotFoundException", "Unknown server")
    found = []
    for user in server._users:
        described = {
            "Arn": user.arn,
            "HomeDirectory": user.home_directory,
            "HomeDirectoryType": user.home_directory_type,
            "Role": user.role,
            "SshPublicKeyCount": len(user.ssh_public_keys or []),
            "UserName": user.user_name,
        }
        found.append({name: value for name, value in described.items() if value is not None})
    return asked.success({"ServerId": server_id, "Users": found})


HANDLERS: dict[str, Handler] = {"transfer:ListUsers": users}
