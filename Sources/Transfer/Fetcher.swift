import Glibc

/// Fetches one resource over http or https: the program's only way out to the network for data, and to its own server's socket.
///
/// Redirects are followed here and not by libcurl, so that each hop is checked like a request of its own: scheme, origin for the caller's
/// headers, address policy, and one deadline over all of them.
package enum Fetcher {
    /// Whether a URL is one that a request may have: absolute, http or https, with a host and a possible port.
    package static func canFetch(url: String) -> Bool { (try? parse(url)) != nil }

    /// Fetches on the calling thread, which must be one that may block for up to the total limit.
    ///
    /// - Throws: ``FetchError``; a response of any status is not an error.
    package static func fetch(_ request: FetchRequest, cancellation: CancellationFlag) throws(FetchError) -> FetchResponse {
        let start = ContinuousClock.now
        try checkHeaders(of: request)
        let origin = try parse(request.url)
        let operatorAddress = request.operatorURL.flatMap { try? WebAddress($0) }
        var target = origin
        var hasLeftOrigin = false
        var redirects = 0
        var deadline = start + request.limits.totalTimeout
        while true {
            let hop = try self.hop(
                to: target,
                of: request,
                withHeaders: !hasLeftOrigin,
                operatorAddress: operatorAddress,
                deadline: deadline
            )
            let response = try HopTransfer(hop).run(cancellation: cancellation)
            guard request.unixSocket == nil, let next = try redirectTarget(of: response, from: target) else {
                return FetchResponse(
                    status: response.status,
                    headers: response.headers,
                    body: response.body,
                    finalURL: target.url,
                    duration: ContinuousClock.now - start
                )
            }
            redirects += 1
            guard redirects <= request.limits.maximumRedirects else {
                throw hop.failure(
                    .tooManyRedirects,
                    "\(origin.endpoint) redirects more than \(request.limits.maximumRedirects) times, last to \(redacted(url: next.url));"
                        + " use the address it ends at, if it ends"
                )
            }
            // It may wait for a quota, which is no fault of the server.
            let asked = ContinuousClock.now
            let mayFollow = request.mayFollowRedirect()
            deadline += ContinuousClock.now - asked
            guard mayFollow else {
                throw hop.failure(.cancelled, "\(origin.endpoint) redirects, and another request must not be sent")
            }
            // Once the origin is left, what redirects back to it is another server's word, so the headers stay away.
            hasLeftOrigin = hasLeftOrigin || !next.hasSameOrigin(as: origin)
            target = next
        }
    }

    /// Fetches on a thread of its own, so that no thread of the cooperative pool blocks. Cancelling the task ends the transfer within
    /// about 100 ms, with an error of kind `cancelled`.
    package static func fetch(_ request: FetchRequest) async throws(FetchError) -> FetchResponse {
        let cancellation = CancellationFlag()
        let result: Result<FetchResponse, FetchError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let started = DedicatedThread.start {
                    do throws(FetchError) {
                        continuation.resume(returning: .success(try fetch(request, cancellation: cancellation)))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
                if !started {
                    let error = FetchError(.internalFailure, "no thread could be started for the fetch", url: request.url)
                    continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    private static func hop(
        to target: WebAddress,
        of request: FetchRequest,
        withHeaders: Bool,
        operatorAddress: WebAddress?,
        deadline: ContinuousClock.Instant
    ) throws(FetchError) -> Hop {
        let targetPolicy = AddressPolicy(
            hop: target,
            operatorAddress: operatorAddress,
            allowPrivateAddresses: request.allowPrivateAddresses
        )
        let isLocal = request.unixSocket != nil
        let proxy = isLocal ? nil : ProxySettings.proxy(for: target)
        // Behind a proxy only a literal target can be judged; see ProxySettings.
        let connectionPolicy: AddressPolicy = isLocal ? .unixSocket : proxy == nil ? targetPolicy : .anyAddress
        let hop = Hop(
            target: target,
            headers: withHeaders ? request.headers : [],
            userAgent: request.userAgent,
            limits: request.limits,
            policy: connectionPolicy,
            proxy: proxy,
            unixSocket: request.unixSocket,
            isPost: request.isPost,
            body: request.body,
            takeBody: request.takeBody,
            acceptsGzip: request.acceptsGzip,
            certificateFile: request.certificateFile,
            deadline: deadline
        )
        if proxy != nil, let literal = IPAddress(literal: target.host), !targetPolicy.allows(literal) {
            throw hop.failure(
                .refusedAddress,
                "\(target.endpoint) is not a public address; set allow_private on the source if it is meant to be"
            )
        }
        guard ContinuousClock.now < deadline else {
            throw hop.failure(.timeout, "the fetch did not reach \(target.endpoint) within \(request.limits.totalTimeout)")
        }
        return hop
    }
}

// MARK: Checks before and between hops

extension Fetcher {
    /// Headers that frame the message or choose the server; a caller that sets them would break what is checked here.
    private static let ownHeaders: Set<String> = [
        "accept-encoding", "connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    private static func parse(_ url: String) throws(FetchError) -> WebAddress {
        do throws(WebAddress.Problem) {
            return try WebAddress(url)
        } catch {
            switch error {
            case .malformed(let reason):
                throw FetchError(.invalidURL, "the URL cannot be used: \(reason)", url: url)
            case .unsupportedScheme(let scheme):
                throw FetchError(.invalidURL, "the URL has the scheme \(scheme); only http and https are fetched", url: url)
            }
        }
    }

    /// The status codes that carry a target for a GET (RFC 9110 section 15.4); nil when the response is not such a redirect.
    private static func redirectTarget(of response: HopResponse, from base: WebAddress) throws(FetchError) -> WebAddress? {
        guard [301, 302, 303, 307, 308].contains(response.status) else { return nil }
        func refusal(_ reason: String) -> FetchError {
            FetchError(.refusedRedirect, "\(base.endpoint) answered \(response.status) \(reason); it is not followed", url: base.url)
        }
        guard let location = response.headers.first(where: { $0.name.lowercased() == "location" })?.value, !location.isEmpty else {
            throw refusal("without a Location")
        }
        do throws(WebAddress.Problem) {
            return try WebAddress(location: location, from: base)
        } catch {
            switch error {
            case .malformed(let reason): throw refusal("with a Location that cannot be used (\(reason)): \(redacted(url: location))")
            case .unsupportedScheme(let scheme): throw refusal("with a Location of scheme \(scheme), not http or https")
            }
        }
    }

    /// Names are tokens (RFC 9110 section 5.1); a line break in a value would let a caller add headers or a second request.
    private static func checkHeaders(of request: FetchRequest) throws(FetchError) {
        func check(_ name: String, _ value: String) throws(FetchError) {
            let tokenMarks = "!#$%&'*+-.^_`|~".utf8
            let isToken = name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || tokenMarks.contains($0)
            }
            guard isToken, !name.isEmpty else {
                throw FetchError(.invalidHeader, "a header's name is empty or holds a character that names cannot have", url: request.url)
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw FetchError(.invalidHeader, "the value of header \(name) holds a control character or a line break", url: request.url)
            }
            guard !ownHeaders.contains(name.lowercased()) else {
                throw FetchError(.invalidHeader, "header \(name) is set by the program itself; leave it out", url: request.url)
            }
        }
        for header in request.headers { try check(header.name, header.value) }
        try check("User-Agent", request.userAgent)
        guard !request.userAgent.isEmpty else {
            throw FetchError(.invalidHeader, "the User-Agent is empty; many servers refuse such requests", url: request.url)
        }
    }
}
