import CCurl
import Glibc

/// Turns the result of libcurl, and what the receiver knows, into an error that an operator can act on.
struct HopFailure {
    let hop: Hop
    let receiver: HopReceiver
    /// libcurl's own words.
    let detail: String
    /// errno of the last failed system call of the transfer, 0 if there was none.
    let osError: Int32

    private var endpoint: String { hop.endpoint }

    func error(for code: CURLcode) -> FetchError {
        if let stop = receiver.stop { return error(for: stop) }
        if let refused = receiver.refusedAddress, code == CURLE_COULDNT_CONNECT { return refusal(of: refused) }
        return switch code {
        case CURLE_FILESIZE_EXCEEDED: error(for: .bodyTooLong)
        case CURLE_URL_MALFORMAT: hop.failure(.invalidURL, "the URL for \(endpoint) was refused: \(detail)")
        case CURLE_COULDNT_RESOLVE_HOST:
            hop.failure(.unresolvedHost, "the name \(hop.target.host) has no address (\(detail)); check the name in the URL, and this machine's DNS")
        case CURLE_COULDNT_RESOLVE_PROXY:
            hop.failure(.unresolvedHost, "the proxy's name has no address; check http_proxy, https_proxy and all_proxy")
        case CURLE_COULDNT_CONNECT: connectionError()
        case CURLE_OPERATION_TIMEDOUT: hop.failure(.timeout, timeoutMessage())
        case CURLE_PARTIAL_FILE:
            hop.failure(.truncated, "\(endpoint) closed the connection before the body was complete (\(detail)); fetch it again")
        case CURLE_RECV_ERROR where receiver.headersEnded:
            hop.failure(.truncated, "the body from \(endpoint) broke off (\(detail)); fetch it again")
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL:
            hop.failure(.invalidResponse, "what listens on \(endpoint) did not answer in HTTP/1.1 (\(detail)); check host and port")
        case _ where Self.tlsCodes.contains(code.rawValue): tlsError()
        default: hop.failure(.network, "the transfer from \(endpoint) failed: \(detail); try again, and look at the network if it stays so")
        }
    }

    private func error(for stop: HopReceiver.Stop) -> FetchError {
        let limits = hop.limits
        return switch stop {
        case .bodyTooLong:
            hop.failure(
                .tooLarge,
                "the body from \(endpoint) is longer than \(limits.maximumBytes) bytes; raise the source's max_bytes if that is right"
            )
        case .ratioTooHigh:
            hop.failure(.tooLarge, "the body from \(endpoint) inflates to more than \(limits.maximumRatio) times its size; it is not taken")
        case .headersTooLong:
            hop.failure(.tooLarge, "the headers from \(endpoint) are longer than \(limits.maximumHeaderBytes) bytes; they are not taken")
        case .unknownEncoding(let name):
            hop.failure(.invalidResponse, "\(endpoint) encoded the body as \(name.prefix(40)) although only gzip was asked for; it is not taken")
        case .damagedEncoding:
            hop.failure(.invalidResponse, "the body from \(endpoint) is damaged, or not gzip as its headers say; fetch it again")
        case .incompleteEncoding:
            hop.failure(.truncated, "the gzip body from \(endpoint) ends before its end mark; fetch it again")
        case .refusedByTaker:
            hop.failure(.cancelled, "the body from \(endpoint) could not be passed on")
        case .outOfMemory:
            hop.failure(.internalFailure, "there is no memory to inflate the body from \(endpoint)")
        }
    }

    private func refusal(of address: IPAddress) -> FetchError {
        hop.failure(
            .refusedAddress,
            "\(endpoint) is at \(address), which is not a public address; set allow_private on the source if it is meant to be"
        )
    }

    private func connectionError() -> FetchError {
        if let socket = hop.unixSocket {
            let reason = osError == 0 ? detail : String(cString: strerror(osError))
            // No file, or one that a process left behind that was killed.
            let kind: FetchError.Kind = osError == ENOENT || osError == ECONNREFUSED ? .refusedConnection : .network
            return hop.failure(kind, "no connection to \(socket): \(reason); check that its server runs, and that you are the same user")
        }
        if let proxy = hop.proxy {
            let message = "no connection to \(endpoint) through the proxy \(redacted(url: proxy)): \(detail)"
            return hop.failure(.network, message + "; check http_proxy, https_proxy, all_proxy and no_proxy")
        }
        guard osError == ECONNREFUSED else {
            let reason = osError == 0 ? detail : String(cString: strerror(osError))
            return hop.failure(.network, "no connection to \(endpoint): \(reason); check the network and the URL")
        }
        return hop.failure(.refusedConnection, "nothing listens on \(endpoint) (connection refused); check host and port, and that the server runs")
    }

    /// libcurl has one code for three limits; which one it was decides what the operator can do.
    private func timeoutMessage() -> String {
        let limits = hop.limits
        if ContinuousClock.now >= hop.deadline - .milliseconds(5) {
            return "\(endpoint) did not finish within \(limits.totalTimeout); it is slow or hangs, try again later"
        }
        if receiver.headersEnded || detail.contains("too slow") {
            return "\(endpoint) sent less than \(limits.lowSpeedBytesPerSecond) bytes a second for \(limits.lowSpeedTime); try again later"
        }
        return "no connection to \(endpoint) within \(limits.connectTimeout); check the network, or whether a firewall drops the packets"
    }

    private func tlsError() -> FetchError {
        hop.failure(
            .tls,
            "the TLS connection to \(endpoint) failed: \(detail);"
                + " if the certificate comes from an authority of your own, set SSL_CERT_FILE to a PEM file that holds it"
        )
    }

    static let tlsCodes: Set<UInt32> = Set(
        [
            CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_PEER_FAILED_VERIFICATION, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT,
        ].map(\.rawValue)
    )
}
