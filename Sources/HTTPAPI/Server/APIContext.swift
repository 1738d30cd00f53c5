package import Ingest
package import Logging
package import MarketData
package import Telemetry
import TickerStore

/// Everything the routes need, handed over by the composition root.
package struct APIContext: Sendable {
    /// Where rows come from.
    package var rows: any RowReading
    /// Runs: reading them and starting one.
    package var runs: any RunOperations
    /// What `GET /metrics` prints; also counts requests.
    package var registry: PrometheusRegistry
    /// Who may use the routes that not everyone may.
    package var authenticator: Authenticator?
    /// The program's version, as `kasparro version` prints it.
    package var version: String
    /// Whether the store holds the sample data that came with the program.
    package var sampleData: Bool
    /// The fault switch in force, for `/health` to show; nil in ordinary use.
    package var fault: String?
    /// Set while the process shuts down.
    package var draining: DrainFlag
    /// How the schedule is.
    package var schedule: @Sendable () -> ScheduleStatus
    /// Which alerts are firing.
    package var alerts: @Sendable () -> AlertStatus = { AlertStatus() }
    /// What may change while the server runs.
    package let answers: AnswerOptions
    /// What requests have to say goes there; nil: where the server's own lines go.
    package var requestLogger: Logger?
    /// When the process started.
    package var startedAt: ContinuousClock.Instant
    /// The wall clock, which tells how old a price is.
    package var now: @Sendable () -> Timestamp
    /// The rows that were committed last, for `/stream`.
    package var feed = CommitFeed()
    /// Pages of `/data` that were asked for last.
    package let pages = PageCache()
    /// Exports at once: each holds a megabyte, in order of time four, and keeps replaced files on the disk.
    package var exports = AnswerSlots(limit: 16)
    /// How long a client may take nothing of an export or a stream (spec section 9).
    package var clientPatience = Duration.seconds(30)
    /// How long a stream says nothing at most.
    package var heartbeat = Duration.seconds(15)

    /// - Parameters: see the properties of the same names.
    package init(
        rows: any RowReading,
        runs: any RunOperations,
        registry: PrometheusRegistry,
        authenticator: Authenticator?,
        version: String,
        sampleData: Bool = false,
        fault: String? = nil,
        draining: DrainFlag = DrainFlag(),
        schedule: @escaping @Sendable () -> ScheduleStatus = { .disabled },
        crossOrigin: CrossOrigin = CrossOrigin(),
        logsAccess: Bool = false,
        startedAt: ContinuousClock.Instant = .now,
        now: @escaping @Sendable () -> Timestamp = { Timestamp(milliseconds: currentMilliseconds()) }
    ) {
        self.rows = rows
        self.runs = runs
        self.registry = registry
        self.authenticator = authenticator
        self.version = version
        self.sampleData = sampleData
        self.fault = fault
        self.draining = draining
        self.schedule = schedule
        answers = AnswerOptions(crossOrigin: crossOrigin, logsAccess: logsAccess)
        self.startedAt = startedAt
        self.now = now
    }

    /// Which pages of other origins may read answers.
    var crossOrigin: CrossOrigin { answers.current.crossOrigin }
    /// Whether each request is worth a line of the log; else only at the level `debug`.
    var logsAccess: Bool { answers.current.logsAccess }
}
