import Logging
import MarketData
import Synchronization
package import TickerStore

/// Watches runs, disk and store, and has a person told of what goes wrong, once (spec section 8).
///
/// Two threads: one counts and writes down, so that a restart neither forgets nor repeats; `AlertCourier` delivers.
package final class AlertService: Sendable {
    private enum Event: Sendable {
        case runEnded([SourceAttempt], isSuccess: Bool)
        case delivered(Alert, AlertChannel)
        case changed(AlertSender, sources: [String])
        case stop
    }

    private let store: Store
    private let environment: IngestEnvironment
    private let courier: AlertCourier
    private let board: AlertBoard
    /// As they were at first.
    private let settings: AlertSettings
    private let sources: [String]
    /// Runs end one after the other, and each has waited for the store, as this thread does: there are never many.
    private let events: BlockingQueue<Event>
    /// Closed when all is written down.
    private let ended = BlockingQueue<Void>()

    /// How often disk and store are looked at.
    private static let pollMilliseconds = 1_000

    /// - Parameters:
    ///   - sources: The names of all sources; what the state says of others is forgotten.
    ///   - environment: Its secrets are kept out of what alerts say.
    package init(settings: AlertSettings, store: Store, sources: [String], context: AlertContext, environment: IngestEnvironment) {
        self.store = store
        self.environment = environment
        self.sources = sources
        self.settings = settings
        let events = BlockingQueue<Event>()
        self.events = events
        let board = AlertBoard(channels: settings.allChannels)
        self.board = board
        courier = AlertCourier(
            sender: AlertSender(settings: settings, secrets: environment.secrets),
            context: context,
            environment: environment,
            board: board,
            delivered: { events.pushUrgent(.delivered($0, $1)) },
            ended: { events.close() }
        )
    }

    /// What is firing, and how the channels fare.
    package var status: AlertStatus { board.status }

    package func start() {
        do throws(ThreadError) {
            try courier.start()
            try startThread { [self] in watch() }
        } catch {
            environment.logger.error("no alerts are sent: \(error)")
            events.close()
        }
    }

    /// To be told of each run that has ended. Returns at once.
    package func runEnded(_ record: RunRecord) {
        guard !record.isReplay else { return }
        events.pushUrgent(.runEnded(record.attempts, isSuccess: record.status == .success))
    }

    /// Alerts may name this address from now on.
    package func serving(at url: String) { courier.serving(at: url) }

    /// Sends alerts elsewhere from now on, those too that have not gone out yet; to nobody when the settings are off.
    ///
    /// - Parameters: as for `init`.
    package func change(to settings: AlertSettings, sources: [String], secrets: Secrets) {
        events.pushUrgent(.changed(AlertSender(settings: settings, secrets: secrets), sources: sources))
    }

    /// Ends both threads. Blocks for up to a second when what has not gone out yet is to be dropped, else until each alert was tried once,
    /// for up to so many milliseconds.
    ///
    /// - Parameter milliseconds: nil: nothing is waited for.
    package func stop(waitingAtMost milliseconds: Int?) {
        if milliseconds == nil { courier.cancel() }
        events.pushUrgent(.stop)
        _ = ended.popAll(waitingAtMost: milliseconds ?? 1_000)
        courier.cancel()
    }

    // MARK: The thread

    private func watch() {
        defer { ended.close() }
        var incidents = Incidents(store.openingState, sources: sources)
        var channels = settings.channels
        for (alert, missing) in incidents.undelivered(by: channels) { courier.send(alert, by: missing) }
        board.show(incidents)
        while let taken = events.popAll(waitingAtMost: Self.pollMilliseconds) {
            for event in taken { take(event, &incidents, &channels) }
            for alert in incidents.look(at: store.statistics, environment.now()) { tell(alert, channels) }
            board.show(incidents)
            keep(&incidents)
        }
    }

    private func take(_ event: Event, _ incidents: inout Incidents, _ channels: inout [AlertChannel]) {
        switch event {
        case .runEnded(let attempts, let isSuccess):
            for attempt in attempts {
                if let alert = incidents.take(attempt) { tell(alert, channels) }
            }
            if isSuccess { courier.heartbeat() }
        case .delivered(let alert, let channel): incidents.delivered(alert, by: channel)
        case .changed(let sender, let sources):
            incidents.keep(sources: sources)
            let added = sender.settings.channels.filter { !channels.contains($0) }
            channels = sender.settings.channels
            courier.change(to: sender)
            board.change(to: sender.settings.allChannels)
            for (alert, missing) in incidents.undelivered(by: added) { courier.send(alert, by: missing) }
        // What still goes out is written down: the courier closes the events when it has ended.
        case .stop: courier.finish()
        }
    }

    private func tell(_ alert: Alert, _ channels: [AlertChannel]) {
        if !channels.isEmpty { courier.send(alert, by: channels) }
    }

    /// Writes down what has changed. While the store takes nothing it stays in memory, and is written later.
    private func keep(_ incidents: inout Incidents) {
        let changes = incidents.changes
        guard !changes.isEmpty, store.statistics.refusal == nil else { return }
        var batch = Batch(origin: BatchOrigin(runID: "", number: 0, source: "", fetchedAt: Timestamp(milliseconds: environment.now().wall)))
        batch.state = { _ in changes }
        do throws(StoreError) {
            _ = try store.commit(batch)
            incidents.written()
        } catch {
            environment.logger.debug("what alerts count could not be written yet: \(error)")
        }
    }
}
