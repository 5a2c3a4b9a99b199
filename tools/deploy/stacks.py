"""Which stacks there are, in which order, and what one is told: a parameter is an output of the same name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.template import parameters_of, read_outputs

INFRA = Path(__file__).resolve().parents[2] / "infra"
EDGE_REGION = "us-east-1"
"""Where CloudFront takes certificates from."""


@dataclass(frozen=True)
class Stack:
    """One CloudFormation stack: its name after the prefix, its template, and where it is."""

    name: str
    template: str
    at_the_edge: bool = False
    is_kept: bool = False
    """Protected from deletion, also by `make destroy`."""
    once_chosen: Mapping[str, str] = field(default_factory=dict)
    """Values of parameters, which are outputs too, that what is stored is in need of for ever."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Outputs that other stacks know by another name."""

    @property
    def path(self) -> Path:
        """The template's file."""
        return INFRA / self.template

    @property
    def parameters(self) -> dict[str, str | None]:
        """The template's parameters with their defaults, None where it has none."""
        return parameters_of(self.path)

    @property
    def outputs(self) -> set[str]:
        """What other stacks learn from it."""
        return {self.renamed.get(name, name) for name in read_outputs(self.path)}


STORAGE = Stack("storage", "storage.yaml", is_kept=True, once_chosen={"Thumbnails": "within-previews"})
IMAGES = Stack("images", "images.yaml")
WEB = Stack("web", "web.yaml")
STACKS = (
    STORAGE,
    Stack("access", "access.yaml"),
    IMAGES,
    Stack("network", "network.yaml"),
    Stack("certificate", "certificate.yaml"),
    Stack("edge-certificate", "certificate.yaml", at_the_edge=True, renamed={"CertificateArn": "EdgeCertificateArn"}),
    Stack("cdn-key", "cdn-key.yaml"),
    Stack("mail", "mail.yaml"),
    Stack("services", "services.yaml"),
    Stack("scaling", "scaling.yaml"),
    Stack("inference", "inference.yaml"),
    WEB,
    Stack("alarms", "alarms.yaml"),
)
"""In the order in which they are deployed; destroyed in the opposite one."""


class MissingInputError(RuntimeError):
    """A stack needs what no earlier one says and nobody has given."""


def inputs(stack: Stack, known: Mapping[str, str]) -> dict[str, str]:
    """Return the values of a stack's parameters that aren't left to their defaults.

    Args:
        stack: Whose.
        known: What the operator said and the outputs of earlier stacks.

    Raises:
        MissingInputError: A parameter without a default is in neither.
    """
    declared = stack.parameters
    if missing := sorted(name for name, default in declared.items() if default is None and name not in known):
        raise MissingInputError(f"{stack.template} needs {', '.join(missing)}")
    return {name: known[name] for name in declared if name in known}
