/// How a source, or a whole run, came out.
package enum SourceOutcome: String, Sendable {
    /// There was nothing to do; counts neither way.
    case nothing
    case loaded = "success"
    /// Some of it failed.
    case partlyLoaded = "partial_success"
    case failed

    mutating func join(_ other: SourceOutcome) {
        if self == .nothing {
            self = other
        } else if other != .nothing, other != self {
            self = .partlyLoaded
        }
    }
}
