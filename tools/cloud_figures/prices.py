"""What AWS asks for, in US dollars: us-east-1, before tax, without free tiers, discounts and commitments.

As AWS's price pages had it, see `LOOKED_THROUGH`: look again before you rely on it. Spot prices move every hour: theirs
is a usual share of the price on demand.
"""

from typing import Final

LOOKED_THROUGH: Final = "as of 2025; DynamoDB's and Fargate's compared with reports of 2026, the others not"

HOURS_A_MONTH: Final = 730

# per request
WRITE_UNIT: Final = 0.625e-6
READ_UNIT: Final = 0.125e-6
S3_PUT: Final = 5e-6
S3_GET: Final = 0.4e-6
SQS_REQUEST: Final = 0.4e-6
CLOUDFRONT_REQUEST: Final = 1e-6

# per hour
PROVISIONED_WRITE_UNIT_HOUR: Final = 0.00065
PROVISIONED_READ_UNIT_HOUR: Final = 0.00013
FARGATE_ARM_CPU_HOUR: Final = 0.03238
FARGATE_ARM_GB_HOUR: Final = 0.00356
FARGATE_SPOT_SHARE: Final = 0.5
"""Of the price on demand. Reports of 2026 say 0.3 to 0.5, AWS changes it slowly; this is the dear end."""
MACHINE_HOUR: Final = 0.0725
"""A c7g.large: two cores, 4 GiB."""
SPOT_SHARE: Final = 0.45
LOAD_BALANCER_HOUR: Final = 0.0225
LOAD_BALANCER_UNIT_HOUR: Final = 0.008
ENDPOINT_ZONE_HOUR: Final = 0.01

# per GB
S3_GB_MONTH: Final = 0.023
S3_ARCHIVE_GB_MONTH: Final = 0.004
"""Intelligent-Tiering, for what nobody has opened for ninety days; read as fast as everything else."""
DYNAMODB_GB_MONTH: Final = 0.25
DYNAMODB_RECOVERY_GB_MONTH: Final = 0.20
LOG_GB: Final = 0.50
ENDPOINT_GB: Final = 0.01
NAT_GB: Final = 0.045
CLOUDFRONT_OUT_GB: Final = 0.085
DISK_GB_MONTH: Final = 0.08
"""Of EBS gp3."""

# per month
KEY_MONTH: Final = 1.0
ALARM_METRIC_MONTH: Final = 0.10
DASHBOARD_MONTH: Final = 3.0
TIERING_OBJECT_MONTH: Final = 0.0025e-3
CUSTOM_METRIC_MONTH: Final = 0.30
HOSTED_ZONE_MONTH: Final = 0.50
