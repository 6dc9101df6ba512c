"""Everything that this service asks of other machines at addresses that somebody typed in.

Theory of operation. Whoever may type an address could aim us at what only we can reach: this machine
itself, the network around it, a cloud's metadata service. So one module asks, and nothing else does.
`places` reads an address by a grammar of its own, far narrower than what URL parsers let through, and
refuses what is not a plain `https://name[:port]/path`. `addresses` judges every address that the name
resolves to; one that is not plainly public refuses the place. `client.Outbound.send` then connects to the
very address that was judged, so a name that resolves to something else a moment later changes nothing.
Redirects are not followed, proxies of the environment are not used, time and size of the answer are bounded
as a whole. `Outbound.locate` gives the same judgement to programs that connect by themselves (git), to be
pinned there.

Only what an installation names in `outbound_private_origins` is asked without these rules: exact origins
such as `http://127.0.0.1:3000`, for development and for a host in one's own network.

`errands` is how work that goes out survives any crash: as a row that says when what is to be done next.
"""
