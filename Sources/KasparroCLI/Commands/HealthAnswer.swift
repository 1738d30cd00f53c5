import Ingest
import MarketData
import Transfer

/// What a server says of itself when it is asked whether it takes requests.
struct HealthAnswer: Sendable {
    var server: String
    /// `ok`, `degraded`, `draining`, `unreachable`; `alive` of one that says no more without a token.
    var status: String
    /// Why it is not `ok`.
    var reasons: [String] = []

    /// The reason when no process listens on the control socket.
    static let nobody = "nobody answers; is it running?"

    var isHealthy: Bool { ["ok", "degraded", "alive"].contains(status) }

    var text: String { "\(server): \(status)" + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: "; ")))") }

    var json: String {
        jsonText { writer in
            writer.member("healthy", isHealthy)
            writer.member("status", status)
            writer.member("server", server)
            writer.array("reasons", reasons) { $0.string($1) }
        }
    }

    /// The same with a name that says more than an address.
    func naming(_ server: String) -> HealthAnswer {
        var answer = self
        answer.server = server
        return answer
    }

    /// Asks `/readyz`, and then `/health` for the reasons.
    ///
    /// - Parameters:
    ///   - url: scheme, host and port, maybe a path in front of the routes.
    ///   - socketPath: the unix socket to ask through.
    static func asking(_ url: String, socketPath: String?, within patience: Duration) async -> HealthAnswer {
        let end = ContinuousClock.now + patience
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        func get(_ path: String) async throws(FetchError) -> FetchResponse {
            var limits = FetchLimits()
            limits.totalTimeout = max(.milliseconds(1), end - ContinuousClock.now)
            limits.connectTimeout = limits.totalTimeout
            limits.maximumBytes = 1 << 20
            var request = FetchRequest(
                url: base + path,
                userAgent: BuildInformation.userAgent,
                limits: limits,
                allowPrivateAddresses: true,
                operatorURL: base + path
            )
            request.unixSocket = socketPath
            return try await Fetcher.fetch(request)
        }
        do throws(FetchError) {
            let ready = try await get("/readyz")
            switch ready.status {
            case 200: return health(base, try await get("/health"))
            case 503: return HealthAnswer(server: base, status: "draining", reasons: ["it is starting or stopping"])
            case 401:
                let isAlive = try await get("/livez").status == 200
                return HealthAnswer(server: base, status: isAlive ? "alive" : "unreachable", reasons: ["it says no more without a token"])
            default: return HealthAnswer(server: base, status: "unreachable", reasons: ["/readyz is answered with \(ready.status)"])
            }
        } catch {
            let reason = socketPath != nil && error.kind == .refusedConnection ? nobody : error.message
            return HealthAnswer(server: base, status: "unreachable", reasons: [reason])
        }
    }

    private static func health(_ server: String, _ response: FetchResponse) -> HealthAnswer {
        guard response.status == 200, let root = try? JSONDocument(parsing: response.body).root, let status = root.member("status")?.string else {
            return HealthAnswer(
                server: server,
                status: "unreachable",
                reasons: ["/health is answered with \(response.status) and not as by kasparro"]
            )
        }
        return HealthAnswer(server: server, status: status == "ok" ? "ok" : "degraded", reasons: reasons(in: root))
    }

    /// Why a server is degraded, fit for a terminal; none of one that is not.
    ///
    /// - Parameter health: what `/health` answered.
    static func reasons(in health: JSONValue) -> [String] {
        if health.member("status")?.string == "ok" { return [] }
        var reasons = ["clock_reason", "scheduler_reason", "store_reason"].compactMap { health.member($0)?.string }
        let failing = health.member("failing_sources")?.elements.compactMap { FailingSource($0)?.inWords } ?? []
        if let reason = health.member("run_reason")?.string {
            reasons.append("the last run failed: \(reason)")
        } else if failing.isEmpty, health.member("health")?.member("status")?.string == "failed" {
            reasons.append("the last run failed")
        }
        // Part of them may be a stranger's text.
        return (reasons + failing).map { TerminalText.line(Array($0.utf8)) }
    }
}
