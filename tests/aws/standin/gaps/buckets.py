"""Buckets with their regions, in pages."""

from xml.sax.saxutils import escape

from moto.s3.models import s3_backends

from ..answer import Answer
from .asked import Asked, Handler


def buckets(asked: Asked) -> Answer:
    owned = sorted(s3_backends[asked.call.account]["aws"].buckets.values(), key=lambda bucket: bucket.name)
    query = asked.call.query
    prefix, region, after = query.get("prefix", ""), query.get("bucket-region"), query.get("continuation-token", "")
    wanted = [it for it in owned if it.name.startswith(prefix) and region in (None, it.region_name) and it.name > after]
    limit = int(query.get("max-buckets", 10_000))
    rows = "".join(
        f"<Bucket><Name>{escape(it.name)}</Name><CreationDate>{it.creation_date_ISO8601}</CreationDate>"
        f"<BucketRegion>{it.region_name}</BucketRegion><BucketArn>arn:aws:s3:::{escape(it.name)}</BucketArn></Bucket>"
        for it in wanted[:limit]
    )
    token = f"<ContinuationToken>{escape(wanted[limit - 1].name)}</ContinuationToken>" if len(wanted) > limit else ""
    owner = "<Owner><ID>bcaf1ffd86f41161ca5fb16fd081034f</ID></Owner>"
    return asked.success(
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"{owner}<Buckets>{rows}</Buckets>{token}</ListAllMyBucketsResult>"
    )


HANDLERS: dict[str, Handler] = {"s3:ListBuckets": buckets}
