/// The two shapes of log lines.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people: time, level, logger, message, `key=value`.
    case text
    /// For machines: one JSON object per line.
    case json
}
