import HTTPAPI
import Ingest
import ServiceLifecycle
import Telemetry
import TickerStore

/// Ends the run in progress when the process is to stop, before the server does: a request may be waiting for it.
struct RunLifetime: Service {
    let scheduler: Scheduler
    let runs: RunService
    let store: Store
    let feed: CommitFeed
    let log: LogSink
    let draining: DrainFlag
    let supervision: Supervision

    /// How long reads go on after the store was poisoned.
    private static let graceSeconds = 10
    /// For the run to store its end.
    private static let drainSeconds = 15

    func run() async throws {
        var secondsPoisoned = 0
        await withGracefulShutdownHandler {
            while !Task.isShuttingDownGracefully && !Task.isCancelled && secondsPoisoned < Self.graceSeconds {
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
                log.tellOfRepetition()
                secondsPoisoned = store.statistics.poisoned == nil ? 0 : secondsPoisoned + 1
            }
        } onGracefulShutdown: {
            draining.raise()
            supervision.stopping()
            scheduler.stop()
            store.interruptMaintenance()
            SecondSignal.arm()
        }
        draining.raise()
        scheduler.stop()
        await runs.drain(atMost: Self.drainSeconds)
        // Its readers have seen the last commit, and the server can stop.
        feed.end()
        if secondsPoisoned >= Self.graceSeconds, let reason = store.statistics.poisoned { throw CommandFailure(.failure, reason) }
    }
}
