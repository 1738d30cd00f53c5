import MarketData
import TickerStore

/// All that goes wrong at the moment, and what a person is told of it: one alert an incident, and one at its end (spec section 8).
///
/// A pure value; `AlertService` keeps it on disk.
struct Incidents: Sendable, Equatable {
    /// Failed attempts in a row before anybody is told.
    static let attemptsToAlert = 3
    /// How long the disk and the store must be well before they count as well: they go to and fro at the limit.
    static let calmMilliseconds: Int64 = 5 * 60_000
    /// Less free space than so many times what must stay free is low.
    static let lowSpaceFactor = 2

    private(set) var open: [IncidentKey: Incident] = [:]
    /// What differs from the disk.
    private(set) var unwritten: Set<IncidentKey> = []

    init() {}

    /// As the state has them, without sources that are no more.
    init(_ state: [(key: String, value: [UInt8])], sources: [String]) {
        for (text, value) in state {
            guard let key = IncidentKey(text) else { continue }
            if case .source(let name) = key, !sources.contains(name) {
                unwritten.insert(key)
            } else {
                open[key] = Incident(value)
            }
        }
    }

    /// Counts what came of a source in a run.
    mutating func take(_ attempt: SourceAttempt) -> Alert? {
        let key = IncidentKey.source(attempt.source)
        guard let cause = attempt.cause else {
            var alert = end(key, .sourceRecovered, at: attempt.endedAt)
            alert?.recoveringRunID = attempt.runID
            return alert
        }
        var incident = open[key] ?? Incident(since: attempt.startedAt, cause: cause)
        incident.attempts += 1
        incident.runID = attempt.runID
        incident.cause = cause
        let mustTell = incident.attempts >= Self.attemptsToAlert && incident.alertedAt == nil
        if mustTell { incident.alertedAt = attempt.endedAt }
        set(key, incident)
        return mustTell ? incident.alert(.sourceFailing, key, at: attempt.endedAt) : nil
    }

    /// Looks at disk and store.
    mutating func look(at statistics: StoreStatistics, _ moment: Moment) -> [Alert] {
        let isLow = statistics.freeBytes < statistics.minimumFree * Self.lowSpaceFactor
        let low =
            "\(ByteCountText.short(statistics.freeBytes)) are free; with less than \(ByteCountText.short(statistics.minimumFree)) the store takes no rows"
        let store = look(.store, statistics.refusal, isQuiet: false, .storeReadOnly, .storeRecovered, moment)
        // A disk so full that the store stands still is one thing that happened, not two.
        let disk = look(.disk, isLow ? low : nil, isQuiet: open[.store] != nil, .diskLow, .diskRecovered, moment)
        return [store, disk].compactMap { $0 }
    }

    private mutating func look(
        _ key: IncidentKey,
        _ cause: String?,
        isQuiet: Bool,
        _ begin: Alert.Event,
        _ over: Alert.Event,
        _ moment: Moment
    ) -> Alert? {
        let now = Timestamp(milliseconds: moment.wall)
        guard let cause else {
            guard let overSince = open[key]?.overSince else {
                open[key]?.overSince = moment
                return nil
            }
            guard moment.monotonic - overSince.monotonic >= Self.calmMilliseconds else { return nil }
            return end(key, over, at: Timestamp(milliseconds: overSince.wall))
        }
        guard open[key] == nil else {
            open[key]?.overSince = nil
            return nil
        }
        let incident = Incident(since: now, cause: cause, alertedAt: isQuiet ? nil : now)
        set(key, incident)
        return isQuiet ? nil : incident.alert(begin, key, at: now)
    }

    private mutating func end(_ key: IncidentKey, _ event: Alert.Event, at time: Timestamp) -> Alert? {
        guard let incident = open.removeValue(forKey: key) else { return nil }
        unwritten.insert(key)
        return incident.alertedAt == nil ? nil : incident.alert(event, key, at: time)
    }

    private mutating func set(_ key: IncidentKey, _ incident: Incident) {
        open[key] = incident
        unwritten.insert(key)
    }

    /// Forgets what it knows of sources that are no more.
    mutating func keep(sources: [String]) {
        for case .source(let name) in open.keys where !sources.contains(name) {
            open[.source(name)] = nil
            unwritten.insert(.source(name))
        }
    }

    // MARK: Delivery

    /// Notes that an alert has arrived.
    mutating func delivered(_ alert: Alert, by channel: AlertChannel) {
        // What was delivered may be over meanwhile, and another incident of its kind open.
        guard var incident = open[alert.incident], incident.since == alert.since, incident.delivered.insert(channel).inserted else { return }
        set(alert.incident, incident)
    }

    /// The incidents that people are told of, oldest first, and where each alert has arrived.
    var firing: [(alert: Alert, delivered: Set<AlertChannel>)] {
        open.compactMap { key, incident in
            guard let alertedAt = incident.alertedAt, let event = key.beginning else { return nil }
            return (incident.alert(event, key, at: alertedAt), incident.delivered)
        }
        .sorted { ($0.alert.at, $0.alert.incident.text) < ($1.alert.at, $1.alert.incident.text) }
    }

    /// The alerts of open incidents that have not arrived everywhere, oldest first.
    func undelivered(by channels: [AlertChannel]) -> [(alert: Alert, channels: [AlertChannel])] {
        firing.compactMap { alert, delivered in
            let missing = channels.filter { !delivered.contains($0) }
            return missing.isEmpty ? nil : (alert, missing)
        }
    }

    // MARK: Disk

    /// What the state must take to be as this is.
    var changes: [StateChange] {
        unwritten.sorted { $0.text < $1.text }.map { key in open[key]?.change(of: key) ?? StateChange(key: key.text, value: nil) }
    }

    /// The changes are on the disk.
    mutating func written() { unwritten = [] }
}

extension Incident {
    fileprivate func alert(_ event: Alert.Event, _ key: IncidentKey, at time: Timestamp) -> Alert {
        Alert(event: event, incident: key, cause: cause, since: since, at: time, runID: runID, attempts: attempts)
    }
}

extension IncidentKey {
    fileprivate var beginning: Alert.Event? {
        switch self {
        case .source: .sourceFailing
        case .disk: .diskLow
        case .store: .storeReadOnly
        case .nothing: nil
        }
    }
}
