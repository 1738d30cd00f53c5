/// Alerts that have not arrived yet, and when each is to be tried. At most one for an incident and a channel: the newest.
///
/// A pure value over a monotonic clock in milliseconds.
struct Outbox {
    /// After the first try, the second, and so on; then it is given up.
    static let pauses: [Int64] = [30_000, 120_000, 600_000]

    struct Parcel: Equatable {
        var alert: Alert
        var channel: AlertChannel
        /// Tries that have failed.
        var tries = 0
        var due: Int64
    }

    private(set) var parcels: [Parcel] = []

    mutating func put(_ alert: Alert, by channels: [AlertChannel], at now: Int64) {
        for channel in channels {
            parcels.removeAll { $0.alert.incident == alert.incident && $0.channel == channel }
            parcels.append(Parcel(alert: alert, channel: channel, due: now))
        }
    }

    /// The one to be tried now; nil when none is due.
    func next(at now: Int64) -> Parcel? {
        parcels.filter { $0.due <= now }.min { $0.due < $1.due }
    }

    /// Milliseconds until one is due; nil when there is none.
    func wait(at now: Int64) -> Int64? { parcels.map(\.due).min().map { max(0, $0 - now) } }

    mutating func delivered(_ parcel: Parcel) { parcels.removeAll { $0 == parcel } }

    /// Puts a try off, or gives the alert up.
    ///
    /// - Returns: When it is tried again, in milliseconds; nil: never.
    mutating func failed(_ parcel: Parcel, at now: Int64) -> Int64? {
        guard let index = parcels.firstIndex(of: parcel) else { return nil }
        guard parcel.tries < Self.pauses.count else {
            parcels.remove(at: index)
            return nil
        }
        let pause = Self.pauses[parcel.tries]
        parcels[index].tries += 1
        parcels[index].due = now + pause
        return pause
    }
}
