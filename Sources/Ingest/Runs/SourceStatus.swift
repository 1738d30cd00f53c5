package import MarketData

/// A source as the banner, `/stats` and the metrics show it.
package struct SourceStatus: Sendable {
    package var name: String
    package var kind: String
    package var quotaPerMinute: Int?
    /// As of now.
    package var tokensRemaining: Int?
    /// The URL, secrets masked, or the files.
    package var detail: String
    /// nil for files.
    package var limits: SourceLimits?
}

/// What holds a source's requests back, as of now.
package struct SourceLimits: Sendable, Equatable {
    /// Requests a minute that are sent at most, after the API's throttling; `quotaPerMinute` when it does not throttle.
    package var effectivePerMinute: Int
    /// No request on schedule before this; nil: one may be sent, quota allowing.
    package var notBefore: Timestamp?
    /// Requests of this calendar month, UTC.
    package var monthUsed: Int
    package var monthBudget: Int?
    /// `closed`, `open` or `half_open`.
    package var circuit: String
    /// Waits for quota since the process began.
    package var throttleEvents: Int
    /// Set while a request waits.
    package var waitingUntil: Timestamp?
    /// `quota`, `upstream` (the API said when) or `backoff`, while a request waits.
    package var waitingFor: String?
}
