import MarketData
import Synchronization

/// Where the threads of the alerts write down how things are, for whoever asks.
final class AlertBoard: Sendable {
    private struct State {
        var firing: [AlertStatus.Firing] = []
        var channels: [AlertStatus.Channel]
    }

    private let state: Mutex<State>

    init(channels: [AlertChannel]) { state = Mutex(State(channels: channels.map { AlertStatus.Channel(channel: $0) })) }

    var status: AlertStatus {
        state.withLock { state in
            var status = AlertStatus()
            (status.firing, status.channels) = (state.firing, state.channels)
            return status
        }
    }

    /// These are on from now on; what is known of those that stay is kept.
    func change(to channels: [AlertChannel]) {
        state.withLock { state in
            let known = state.channels
            state.channels = channels.map { channel in known.first { $0.channel == channel } ?? AlertStatus.Channel(channel: channel) }
        }
    }

    func show(_ incidents: Incidents) {
        let firing = incidents.firing.map { alert, delivered in
            AlertStatus.Firing(
                event: alert.event.rawValue,
                source: alert.source,
                summary: alert.headline,
                cause: alert.cause,
                since: alert.since,
                at: alert.at,
                attempts: alert.attempts,
                runID: alert.runID,
                delivered: AlertChannel.allCases.filter(delivered.contains)
            )
        }
        state.withLock { $0.firing = firing }
    }

    /// Something went out, or did not.
    ///
    /// - Parameter error: Why it did not; nil: it did.
    func tried(_ channel: AlertChannel, at time: Timestamp, error: String?) {
        state.withLock { state in
            guard let place = state.channels.firstIndex(where: { $0.channel == channel }) else { return }
            state.channels[place].isFailing = error != nil
            if let error {
                state.channels[place].lastFailed = time
                state.channels[place].lastError = error
            } else {
                state.channels[place].lastSent = time
            }
        }
    }
}
