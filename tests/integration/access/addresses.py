"""An HTTP transport that calls from many addresses in turn, as many people would: nginx's limits are one address's."""

import itertools
import ssl

import httpx

MANY = 64


class ManyAddresses(httpx.BaseTransport):
    """Sends each request from the next of 64 addresses of the loopback network, 127.1.0.1 and following."""

    def __init__(self, trusted: ssl.SSLContext) -> None:
        self._each = [
            httpx.HTTPTransport(verify=trusted, trust_env=False, local_address=f"127.1.0.{number}")
            for number in range(1, MANY + 1)
        ]
        self._turns = itertools.cycle(self._each)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See `httpx.BaseTransport.handle_request`."""
        return next(self._turns).handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        for transport in self._each:
            transport.close()
