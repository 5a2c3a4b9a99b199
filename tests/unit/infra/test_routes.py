"""CloudFront and the load balancer do with each path and header what nginx does elsewhere."""

import fnmatch
import json
import re
from typing import Any

import pytest

from heliograph_metadata.media_urls import SHARED_STABLE_SECONDS
from tools.deploy.stacks import INFRA
from tools.deploy.web import content_security_policy
from tools.nginx import TEMPLATE, MapTiles
from tools.template import read_document

_NGINX = TEMPLATE.read_text(encoding="utf-8")
_OPENAPI = INFRA.parent / "frontend" / "public" / "openapi.json"
_LOCATION = re.compile(r"location (?P<how>=|~)? ?(?P<path>\S+) \{(?P<body>.*?)\n        \}", re.DOTALL)
_PATHS = sorted(json.loads(_OPENAPI.read_text(encoding="utf-8"))["paths"])


def _nginx(path: str) -> str:
    """Return the service that nginx passes a path on to: an exact location, else a pattern, else the longest prefix."""
    found = [(one["how"], one["path"], one["body"]) for one in _LOCATION.finditer(_NGINX)]
    exact = [body for how, at, body in found if how == "=" and at == path]
    patterns = [body for how, at, body in found if how == "~" and re.match(at, path)]
    prefixes = sorted((at, body) for how, at, body in found if how is None and path.startswith(at))
    body = (exact + patterns + [body for _, body in reversed(prefixes)])[0]
    named = re.search(r"proxy_pass http://\$(\w+);", body)
    return named[1] if named else "web"


def _listener(path: str) -> str:
    """Return the service that the load balancer's rules give a path to."""
    rules = [
        about["Properties"]
        for about in read_document(INFRA / "services.yaml")["Resources"].values()
        if about["Type"] == "AWS::ElasticLoadBalancingV2::ListenerRule"
    ]
    for rule in sorted(rules, key=lambda rule: int(rule["Priority"])):
        (condition,) = rule["Conditions"]
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in condition["PathPatternConfig"]["Values"]):
            return str(rule["Actions"][0]["TargetGroupArn"]["Ref"]).removesuffix("Targets").lower()
    return "nobody"


def _cloudfront(path: str) -> str:
    """Return the origin that CloudFront asks for a path."""
    return str(_behaviour(path)["TargetOriginId"])


def _behaviour(path: str) -> dict[str, Any]:
    """Return what CloudFront does with a path."""
    config = read_document(INFRA / "web.yaml")["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    fitting = [one for one in config["CacheBehaviors"] if fnmatch.fnmatchcase(path, one["PathPattern"])]
    return dict([*fitting, config["DefaultCacheBehavior"]][0])


@pytest.mark.parametrize("path", [re.sub(r"\{[^}]+\}", "abc", path) for path in _PATHS])
def test_a_path_of_the_api_comes_to_the_same_service_as_through_nginx(path: str) -> None:
    assert _nginx(path) in ("auth", "upload", "metadata")
    assert _cloudfront(path) == "api"
    assert _listener(path) == _nginx(path)


@pytest.mark.parametrize("path", ["/", "/albums/abc", "/assets/app-1a2b.js", "/docs/", "/config.json"])
def test_a_path_of_the_web_app_comes_from_its_bucket(path: str) -> None:
    assert _nginx(path) == "web"
    assert _cloudfront(path) == "web"


def test_cloudfront_keeps_thumbnails_of_the_api_by_their_whole_address_and_not_for_long() -> None:
    policy = _behaviour("/api/v1/thumbnails/abc/def")["CachePolicyId"]["Ref"]
    kept = read_document(INFRA / "web.yaml")["Resources"][policy]["Properties"]["CachePolicyConfig"]

    said = kept["ParametersInCacheKeyAndForwardedToOrigin"]
    assert said["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    assert said["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["Host"]}
    assert said["CookiesConfig"] == {"CookieBehavior": "none"}
    assert 0 < int(kept["MinTTL"]) <= int(kept["MaxTTL"]) <= SHARED_STABLE_SECONDS


def test_a_rule_has_no_more_paths_than_a_load_balancer_takes() -> None:
    for about in read_document(INFRA / "services.yaml")["Resources"].values():
        if about["Type"] == "AWS::ElasticLoadBalancingV2::ListenerRule":
            assert len(about["Properties"]["Conditions"][0]["PathPatternConfig"]["Values"]) <= 5


def test_cloudfront_sets_every_header_that_nginx_sets() -> None:
    policy = read_document(INFRA / "web.yaml")["Resources"]["SecurityHeaders"]["Properties"]
    set_by_name = {
        "StrictTransportSecurity": "Strict-Transport-Security",
        "ContentSecurityPolicy": "Content-Security-Policy",
        "ContentTypeOptions": "X-Content-Type-Options",
        "FrameOptions": "X-Frame-Options",
        "ReferrerPolicy": "Referrer-Policy",
    }
    config: dict[str, Any] = policy["ResponseHeadersPolicyConfig"]
    names = {set_by_name[name] for name in config["SecurityHeadersConfig"]}
    names |= {one["Header"] for one in config["CustomHeadersConfig"]["Items"]}
    of_one_answer = {"Cache-Control", "Retry-After", "X-Correlation-Id"}
    wanted = set(re.findall(r"add_header ([A-Za-z-]+)", _NGINX)) - of_one_answer
    assert wanted - names == set()
    values = {one["Header"]: one["Value"] for one in config["CustomHeadersConfig"]["Items"]}
    values["Referrer-Policy"] = config["SecurityHeadersConfig"]["ReferrerPolicy"]["ReferrerPolicy"]
    for name, value in values.items():
        assert re.search(rf'add_header {name} "?{re.escape(value)}"? always;', _NGINX), name


def test_the_web_app_may_reach_photos_in_s3_and_the_maps_tiles_and_nothing_else() -> None:
    policy = content_security_policy("eu-central-1", MapTiles("https://tiles.example.org/{z}/{x}/{y}.png", "Tiles"))
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert "${" not in policy
    assert parts["connect-src"].split() == ["'self'", "https://s3.eu-central-1.amazonaws.com"]
    assert "https://s3.eu-central-1.amazonaws.com" in parts["img-src"]
    assert "https://tiles.example.org" in parts["img-src"]
