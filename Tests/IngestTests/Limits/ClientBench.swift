import Logging
import MarketData
import Synchronization
import TestSupport
import TickerStore
import Transfer

@testable import Ingest

/// A server that answers as told, and a client of it with a store, a limiter and a clock.
final class ClientBench {
    enum Jitter { case least, most }

    let server: ScriptedServer
    let clock = SteppedClock()
    private let workbench: Workbench
    private let environment: IngestEnvironment
    private let quota: Quota
    private var url: String
    private(set) var limiter: RateLimiter
    private(set) var run: ActiveRun
    private var runs = 1

    init(_ answers: [[ScriptedServer.Step]], quota: Quota = Quota(perMinute: 10), jitter: Jitter = .most) throws {
        server = ScriptedServer(answers: answers)
        url = server.url + "/v1/x"
        self.quota = quota
        var environment = IngestEnvironment(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        environment.now = { [clock] in clock.now }
        environment.sleep = { [clock] in clock.sleep($0) }
        environment.random = { [clock] in clock.random($0, jitter) }
        self.environment = environment
        workbench = try Workbench(sources: [])
        limiter = RateLimiter(name: "x", quota: quota, store: workbench.store, environment: environment)
        run = Self.run(1, trigger: "manual", source: "all", workbench.store, environment)
    }

    deinit { server.stop() }

    func get(validators: [NamedText] = []) -> FetchResponse? {
        UpstreamClient(name: "x", upstream: Upstream(url: url, userAgent: "test"), run: run, limiter: limiter).get(url, validators: validators)
    }

    /// The last error of the run.
    var error: RunRecord.SourceError? { run.record.errors.last }

    func startRun(trigger: String, source: String) {
        runs += 1
        run = Self.run(runs, trigger: trigger, source: source, workbench.store, environment)
    }

    /// Stops and starts again; what only memory knew is gone.
    func restart() throws {
        try workbench.restart()
        limiter = RateLimiter(name: "x", quota: quota, store: workbench.store, environment: environment)
        startRun(trigger: "manual", source: "all")
    }

    func closeStore() throws { try workbench.store.close() }

    /// From now on nothing listens where requests go.
    func refuseConnections() {
        // Port 1 is nobody's on a machine that runs tests.
        url = "http://127.0.0.1:1/v1/x"
    }

    private static func run(_ number: Int, trigger: String, source: String, _ store: Store, _ environment: IngestEnvironment) -> ActiveRun {
        let record = RunRecord(
            sequence: number,
            runID: "etl_test_\(number)",
            trigger: trigger,
            source: source,
            sources: ["x"],
            startedAt: .earliest,
            preRunCounts: RunCounts(raw: 0, normalized: 0)
        )
        return ActiveRun(record: record, sources: [], sink: store, environment: environment)
    }
}

extension [ScriptedServer.Step] {
    /// A whole answer with a head of its own.
    static func answer(_ status: Int, _ headers: String..., body: String = "[]") -> [ScriptedServer.Step] {
        let head = (["HTTP/1.1 \(status) X", "Content-Type: application/json"] + headers).joined(separator: "\r\n")
        let length = status == 304 ? "" : "\r\nContent-Length: \(body.utf8.count)"
        return [.send([UInt8]((head + length + "\r\n\r\n" + (status == 304 ? "" : body)).utf8))]
    }
}

/// 2026-01-01, standing still but for sleeps and, if told so, a step each time somebody looks.
final class SteppedClock: Sendable {
    private struct State {
        var time: Int64 = 0
        var step: Int64 = 0
        var slept: Int64 = 0
        var bounds: [Int64] = []
        var onSleep: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    var now: Moment {
        state.withLock { state in
            state.time += state.step
            return Moment(wall: 1_767_225_600_000 + state.time, monotonic: 1_000_000 + state.time)
        }
    }

    func sleep(_ milliseconds: Int64) {
        let action = state.withLock { state in
            state.time += milliseconds
            state.slept += milliseconds
            return state.onSleep
        }
        action?()
    }

    func random(_ bound: Int64, _ jitter: ClientBench.Jitter) -> Int64 {
        state.withLock { $0.bounds.append(bound) }
        return jitter == .most ? bound - 1 : 0
    }

    func advance(_ milliseconds: Int64) { state.withLock { $0.time += milliseconds } }
    func onSleep(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.onSleep = action } }

    /// Milliseconds that pass each time somebody looks.
    var step: Int64 {
        get { state.withLock { $0.step } }
        set { state.withLock { $0.step = newValue } }
    }
    var slept: Int64 { state.withLock { $0.slept } }
    /// What random numbers were asked for.
    var bounds: [Int64] { state.withLock { $0.bounds } }
}
