import MarketData

/// Something that a person is told of once (spec section 8).
struct Alert: Sendable, Equatable {
    enum Event: String, Sendable, CaseIterable {
        case sourceFailing = "source_failing"
        case sourceRecovered = "source_recovered"
        case diskLow = "disk_low"
        case diskRecovered = "disk_recovered"
        case storeReadOnly = "store_read_only"
        case storeRecovered = "store_recovered"
        /// Asked for by a person who wants to see one arrive.
        case test

        /// The event that this one is the end of.
        var beginning: Event? {
            switch self {
            case .sourceRecovered: .sourceFailing
            case .diskRecovered: .diskLow
            case .storeRecovered: .storeReadOnly
            case .sourceFailing, .diskLow, .storeReadOnly, .test: nil
            }
        }
    }

    var event: Event
    /// What it is about: a later alert on the same incident takes the place of one that has not been delivered yet.
    var incident: IncidentKey
    /// What was wrong, or is; holds no secret.
    var cause: String
    /// When it began.
    var since: Timestamp
    /// When it was noticed, or ended.
    var at: Timestamp
    /// The newest run that failed.
    var runID: String?
    /// The run in which the source came in again; nil of all but a recovery.
    var recoveringRunID: String?
    /// Attempts in a row that failed.
    var attempts = 0

    var source: String? { if case .source(let name) = incident { name } else { nil } }
    var durationMilliseconds: Int64 { max(0, at.milliseconds - since.milliseconds) }
}

/// What an incident is about.
enum IncidentKey: Hashable, Sendable {
    case source(String)
    case disk
    case store
    /// None; for the test.
    case nothing
}

extension IncidentKey {
    /// How the keys of the store's state begin.
    static let prefix = "alert/"

    /// The key of the store's state.
    var text: String {
        switch self {
        case .source(let name): Self.prefix + "source/" + name
        case .disk: Self.prefix + "disk"
        case .store: Self.prefix + "store"
        case .nothing: Self.prefix + "nothing"
        }
    }

    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let rest = text.dropFirst(Self.prefix.count)
        if rest.hasPrefix("source/") {
            self = .source(String(rest.dropFirst("source/".count)))
        } else if rest == "disk" {
            self = .disk
        } else if rest == "store" {
            self = .store
        } else {
            return nil
        }
    }
}
