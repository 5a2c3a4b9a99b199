"""Deploys Heliograph to AWS, stack by stack, or takes it away again; what it keeps, photos and tables, stays.

The Makefile has the usual words for it; here are all of them:

python -m tools.deploy [--profile P] --region R --domain photos.example.org [--stack S] [--release V] [--dry-run]
python -m tools.deploy --destroy …
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from tools.deploy import cdn_key, images, web
from tools.deploy.cloudformation import CloudFormation, DeploymentError
from tools.deploy.machines import DEFAULT_MACHINES, MACHINES
from tools.deploy.stacks import EDGE_REGION, IMAGES, STACKS, STORAGE, WEB, MissingInputError, Stack, inputs
from tools.nginx import MapTiles

_CLOUDFRONT_ADDRESSES = "com.amazonaws.global.cloudfront.origin-facing"
_FORBIDDEN = 403
_OWN_BUCKETS = {WEB.name: "WebBucketName", IMAGES.name: "SecretsBucketName"}
"""Of stacks that are taken away: the outputs that name their buckets, which have to be empty then."""
_DOMAIN = re.compile(r"([a-z0-9-]+\.)+[a-z]{2,}")


def say(text: str) -> None:
    """Tell the person what goes on."""
    print(f"heliograph: {text}", flush=True)


@dataclass(frozen=True)
class Target:
    """Where to, and as whom."""

    region: str
    domain: str
    stack_name: str
    session: Any
    """botocore's; its profile is the operator's."""
    poll_seconds: float = 5.0

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a client of a service."""
        return self.session.create_client(service, region_name=region or self.region)

    def stacks(self, stack: Stack) -> CloudFormation:
        """Return CloudFormation in the stack's region."""
        region = EDGE_REGION if stack.at_the_edge else self.region
        return CloudFormation(self.client("cloudformation", region), poll_seconds=self.poll_seconds)

    def name(self, stack: Stack) -> str:
        """Return the stack's full name."""
        return f"{self.stack_name}-{stack.name}"


def given_inputs(target: Target, release: str, tiles: MapTiles, extra: Sequence[str]) -> dict[str, str]:
    """Return what stacks are told that is no output of another: said by the operator or looked up in the account.

    Raises:
        DeploymentError: The account has no hosted zone for the domain, or an extra is not of the form Name=value or
            names no kind of machine.
    """
    known = {
        "StackName": target.stack_name,
        "Release": release,
        "DomainName": target.domain,
        "WebOrigin": f"https://{target.domain}",
        "ContentSecurityPolicy": web.content_security_policy(target.region, tiles),
    }
    for one in extra:
        name, equals, value = one.partition("=")
        if not equals:
            raise DeploymentError(f"{one!r} is not of the form Name=value")
        if not any(name in stack.parameters for stack in STACKS):
            raise DeploymentError(f"no stack has a parameter {name}")
        known[name] = value
    if (machines := known.setdefault("Machines", DEFAULT_MACHINES)) not in MACHINES:
        raise DeploymentError(f"Machines={machines}: there are {', '.join(MACHINES)}")
    known.setdefault("MachineImage", MACHINES[machines].image_parameter)
    for name, look_up in (("HostedZoneId", _hosted_zone), ("CloudFrontPrefixList", _cloudfront_addresses)):
        if name not in known:
            known[name] = look_up(target)
    return known


def _hosted_zone(target: Target) -> str:
    zones = target.client("route53").get_paginator("list_hosted_zones").paginate()
    fitting = [
        zone
        for page in zones
        for zone in page["HostedZones"]
        if not zone["Config"]["PrivateZone"] and f".{target.domain}.".endswith(f".{zone['Name']}")
    ]
    if not fitting:
        raise DeploymentError(f"there is no public hosted zone for {target.domain} in Route 53 of this account")
    nearest: str = max(fitting, key=lambda zone: len(zone["Name"]))["Id"]
    return nearest.removeprefix("/hostedzone/")


def _cloudfront_addresses(target: Target) -> str:
    named = [{"Name": "prefix-list-name", "Values": [_CLOUDFRONT_ADDRESSES]}]
    lists = target.client("ec2").describe_managed_prefix_lists(Filters=named)["PrefixLists"]
    if not lists:
        raise DeploymentError(f"there is no prefix list {_CLOUDFRONT_ADDRESSES} in {target.region}")
    return str(lists[0]["PrefixListId"])


def check_domain(domain: str) -> None:
    """See that it is a name as the templates take it.

    Raises:
        DeploymentError: It is not.
    """
    if not _DOMAIN.fullmatch(domain):
        raise DeploymentError(f"DOMAIN={domain} is no name under which people could reach it, as photos.example.org is")


def check_bucket(target: Target) -> None:
    """See that the photo bucket's name isn't somebody else's.

    Raises:
        DeploymentError: It is.
    """
    name = f"{target.stack_name}-photos"
    try:
        target.client("s3").head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _FORBIDDEN:
            raise DeploymentError(f"the bucket {name} is somebody else's: choose another STACK=") from error


def deploy(
    target: Target,
    release: str,
    tiles: MapTiles,
    extra: Sequence[str],
    *,
    dry_run: bool,
    stacks: Sequence[Stack] = STACKS,
    push: Callable[[Any, str, str, str], list[str]] = images.push_images,
) -> None:
    """Bring every stack to what its template says; in a dry run only say what that would change.

    Raises:
        DeploymentError: A step failed; stacks before it are deployed, and the same command goes on from there.
        MissingInputError: A template needs what nobody says.
    """
    check_bucket(target)
    known = given_inputs(target, release, tiles, extra)
    to_come: set[str] = set()
    for stack in stacks:
        name, cloudformation = target.name(stack), target.stacks(stack)
        if waits_for := sorted(to_come & set(stack.parameters)):
            say(f"{name}: everything in {stack.template}, once it is known what {', '.join(waits_for)} will be")
            to_come |= _to_come(stack)
            continue
        _stay_with(stack, cloudformation.outputs(name), known)
        change_set, changes = cloudformation.plan(name, stack.path, inputs(stack, known))
        say(f"{name}: " + (f"{len(changes)} changes" if changes else "nothing to change"))
        for change in changes:
            print(change, flush=True)
        if changes and dry_run:
            is_new = cloudformation.status(name) == "REVIEW_IN_PROGRESS"
            cloudformation.drop(name, change_set)
            if is_new:
                to_come |= _to_come(stack)
                continue
        elif changes:
            cloudformation.carry_out(name, change_set, protect=stack.is_kept)
        known |= {stack.renamed.get(key, key): value for key, value in cloudformation.outputs(name).items()}
        if stack is IMAGES:
            to_come |= _furnish(target, known, release, push, dry_run=dry_run)
    if dry_run:
        say("nothing was changed: this was a dry run")
        return
    count = web.upload_web_app(target.client("s3"), known["WebBucketName"], tiles)
    web.forget_cached(target.client("cloudfront"), known["DistributionId"])
    say(f"{count} files of the web app are in place; release {release} is at {known['Address']}")


def _stay_with(stack: Stack, outputs: Mapping[str, str], known: dict[str, str]) -> None:
    """Say once more what was chosen for good, and let nobody say otherwise."""
    for parameter, value in stack.once_chosen.items():
        if outputs.get(parameter) == value and known.setdefault(parameter, value) != value:
            raise DeploymentError(f"{parameter}={known[parameter]}: it is {value}, and what is stored since needs that")


def _furnish(
    target: Target,
    known: dict[str, str],
    release: str,
    push: Callable[[Any, str, str, str], list[str]],
    *,
    dry_run: bool,
) -> set[str]:
    """Put images and the CDN's key where infra/images.yaml has made room for them; return what is still to come."""
    s3 = target.client("s3")
    if not dry_run:
        known["CdnPublicKey"] = cdn_key.kept_or_made(s3, known["SecretsBucketName"])
        for service in push(target.client("ecr"), target.stack_name, release, known["Machines"]):
            say(f"pushed the image of {service}, release {release}")
    elif key := cdn_key.kept(s3, known["SecretsBucketName"]) if "SecretsBucketName" in known else None:
        known["CdnPublicKey"] = key
    else:
        return {"CdnPublicKey"}
    return set()


def _to_come(stack: Stack) -> set[str]:
    """Return what will be known once a stack is there."""
    return stack.outputs | ({"CdnPublicKey"} if stack is IMAGES else set())


def destroy(target: Target, *, dry_run: bool) -> None:
    """Take away everything but what storage.yaml keeps.

    Raises:
        DeploymentError: A stack could not be deleted; the same command goes on from there.
    """
    for stack in reversed([stack for stack in STACKS if not stack.is_kept]):
        name, cloudformation = target.name(stack), target.stacks(stack)
        if cloudformation.status(name) is None:
            continue
        say(f"{name}: " + ("would be deleted" if dry_run else "is being deleted"))
        if not dry_run:
            if bucket := _OWN_BUCKETS.get(stack.name):
                web.empty(target.client("s3"), cloudformation.outputs(name)[bucket])
            cloudformation.delete(name)
    say(f"photos, tables and queues stay, in the stack {target.name(STORAGE)}; docs/aws.md says how to delete them too")


def present_release(root: Path) -> str:
    """Return what this checkout is called as a release: its commit, and `-dirty` where files differ from it."""
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    return subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True).stdout.strip()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.deploy", description="Deploys Heliograph to AWS.")
    parser.add_argument("--profile", help="of ~/.aws/config; without it, what the environment says")
    parser.add_argument("--region", required=True)
    parser.add_argument("--domain", default="", help="where people will reach it; its zone is in Route 53")
    parser.add_argument("--stack", default="heliograph", help="the prefix of every name")
    parser.add_argument("--release", default="", help="the images' tag; without it, this checkout's commit")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of a template")
    parser.add_argument("--tile-url", default=MapTiles.url)
    parser.add_argument("--tile-attribution", default=MapTiles.attribution)
    parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    parser.add_argument("--destroy", action="store_true")
    return parser.parse_args()


def main() -> int:
    """Deploy, or destroy."""
    given = _arguments()
    session = botocore.session.Session(profile=given.profile or None)
    target = Target(given.region, given.domain, given.stack, session)
    tiles = MapTiles(given.tile_url, given.tile_attribution)
    try:
        if given.destroy:
            destroy(target, dry_run=given.dry_run)
        else:
            check_domain(given.domain)
            release = given.release or present_release(images.ROOT)
            deploy(target, release, tiles, given.set, dry_run=given.dry_run)
    except NoCredentialsError:
        say("there are no keys of an AWS account here: PROFILE= names those of ~/.aws/config")
        return 1
    except (DeploymentError, MissingInputError, BotoCoreError, ClientError) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
