/// The time by which things are too old to be kept.
///
/// It is the machine's clock, but one that has jumped ahead by more than a day is believed only when it has gone on for a day: what it makes drop,
/// nothing brings back, and a store that keeps things a day too long has lost nothing. The two numbers are kept with the state, so that neither a
/// restart makes a wrong clock right nor a command that runs once an hour is doubted for ever.
struct RetentionClock: Sendable, Equatable {
    /// How far ahead the clock may be at once, and how long it must go on when it is farther.
    static let patience: Int64 = 86_400_000

    /// The latest time that is believed, in milliseconds since 1970.
    private(set) var believed: Int64
    /// When, by itself, the clock that is not believed was met first; nil: it is believed.
    private(set) var doubtedSince: Int64?

    init(believed: Int64, doubtedSince: Int64? = nil) {
        self.believed = believed
        self.doubtedSince = doubtedSince
    }

    /// Takes notice of what the machine's clock says.
    ///
    /// - Parameter now: Milliseconds since 1970.
    /// - Returns: the time to judge ages by, never after `now`.
    mutating func time(_ now: Int64) -> Int64 {
        if let since = doubtedSince, now > believed + Self.patience {
            // A clock that went back is another one that has to prove itself.
            if now < since { doubtedSince = now }
            if now < since + Self.patience { return believed }
        } else if now > believed + Self.patience {
            doubtedSince = now
            return believed
        }
        believed = now
        doubtedSince = nil
        return now
    }
}
