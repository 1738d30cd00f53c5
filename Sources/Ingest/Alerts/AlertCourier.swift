import CoreMetrics
import Logging
import MarketData
import Synchronization
import TickerStore
import Transfer

/// Delivers alerts on a thread of its own, so that no run and no stop waits for a mail server.
final class AlertCourier: Sendable {
    private enum Order: Sendable {
        case send(Alert, [AlertChannel])
        case heartbeat
    }

    private let senders: Mutex<AlertSender>
    private let environment: IngestEnvironment
    private let board: AlertBoard
    /// Told of each alert that has arrived, on the courier's thread.
    private let delivered: @Sendable (Alert, AlertChannel) -> Void
    private let context: Mutex<AlertContext>
    /// Orders come seldom and are taken out at once or, while one is delivered, within its time limit; what remains of them is in the
    /// outbox, which is bounded by the incidents.
    private let orders = BlockingQueue<Order>()
    /// Called when nothing is delivered any more.
    private let ended: @Sendable () -> Void
    /// Raised when nothing is to be waited for any more.
    private let cancellation = CancellationFlag()

    init(
        sender: AlertSender,
        context: AlertContext,
        environment: IngestEnvironment,
        board: AlertBoard,
        delivered: @escaping @Sendable (Alert, AlertChannel) -> Void,
        ended: @escaping @Sendable () -> Void
    ) {
        senders = Mutex(sender)
        self.context = Mutex(context)
        self.environment = environment
        self.board = board
        self.delivered = delivered
        self.ended = ended
    }

    private var sender: AlertSender { senders.withLock { $0 } }

    /// Delivers by this one from now on.
    func change(to sender: AlertSender) { senders.withLock { $0 = sender } }

    func start() throws(ThreadError) { try startThread { [self] in work() } }

    func send(_ alert: Alert, by channels: [AlertChannel]) { orders.pushUrgent(.send(alert, channels)) }

    func heartbeat() {
        if sender.settings.heartbeatURL != nil { orders.pushUrgent(.heartbeat) }
    }

    func serving(at url: String) { context.withLock { $0.url = url } }

    /// Takes no more orders; those that it has and that were never tried are tried once, unless `cancel` says otherwise.
    func finish() { orders.close() }

    /// Ends what is being delivered within about 100 ms, where the other side lets it, and tries nothing more.
    func cancel() { cancellation.cancel() }

    private var now: Int64 { environment.now().monotonic }

    // MARK: The thread

    private func work() {
        defer { ended() }
        var outbox = Outbox()
        while !cancellation.isCancelled {
            guard let taken = orders.popAll(waitingAtMost: outbox.wait(at: now).map { Int(min($0, 60_000)) }) else {
                // A retry would be too late for whoever waits for the end.
                for parcel in outbox.parcels where parcel.tries == 0 { deliver(parcel, &outbox) }
                return
            }
            var isHeartbeatDue = false
            for order in taken {
                switch order {
                case .send(let alert, let channels): outbox.put(alert, by: channels, at: now)
                case .heartbeat: isHeartbeatDue = true
                }
            }
            if isHeartbeatDue { ping() }
            if let parcel = outbox.next(at: now) { deliver(parcel, &outbox) }
        }
    }

    private func deliver(_ parcel: Outbox.Parcel, _ outbox: inout Outbox) {
        if cancellation.isCancelled { return }
        let (alert, channel) = (parcel.alert, parcel.channel)
        let sender = sender
        // The channel was switched off meanwhile.
        guard sender.settings.channels.contains(channel) else { return outbox.delivered(parcel) }
        let context = context.withLock { $0 }
        var metadata: Logger.Metadata = ["channel": "\(channel.rawValue)", "event": "\(alert.event.rawValue)"]
        if let source = alert.source { metadata["source"] = "\(source)" }
        if let runID = alert.runID { metadata["run_id"] = "\(runID)" }
        do throws(AlertFailure) {
            let remark = try sender.send(alert, by: channel, context, cancellation)
            note(channel, error: nil)
            outbox.delivered(parcel)
            environment.logger.info("alert sent: \(AlertText(alert: alert, context: context).subject)", metadata: metadata)
            if let remark { environment.logger.warning("the alert was sent, but \(remark)", metadata: metadata) }
            delivered(alert, channel)
        } catch {
            if cancellation.isCancelled { return }
            note(channel, error: error.message)
            let next =
                outbox.failed(parcel, at: now).map { "it is tried again in \(DurationText.short($0))" }
                ?? "it is given up until the next start"
            environment.logger.warning("an alert by \(channel.inWords) did not go out; \(next): \(error.message)", metadata: metadata)
        }
    }

    /// - Parameter error: Why it did not go out; nil: it did.
    private func note(_ channel: AlertChannel, error: String?) {
        IngestMetrics.alerts(channel, isSent: error == nil).increment()
        board.tried(channel, at: Timestamp(milliseconds: environment.now().wall), error: error)
    }

    private func ping() {
        do throws(AlertFailure) {
            try sender.ping(context.withLock { $0 }, cancellation)
            note(.heartbeat, error: nil)
        } catch {
            if cancellation.isCancelled { return }
            note(.heartbeat, error: error.message)
            environment.logger.debug("the heartbeat did not go out: \(error.message)")
        }
    }
}
