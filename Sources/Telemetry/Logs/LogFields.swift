package import Logging

/// The metadata of one event.
package enum LogFields {
    private static let onceKey = "kasparro.told_once"
    /// Metadata of a line that is said once, of several that may look alike: none of them is left out. It is not written.
    package static let toldOnce: Logger.Metadata = [onceKey: "true"]

    /// Takes out what is there for the log itself; whether the line is told once.
    static func takeToldOnce(_ fields: inout [(key: String, value: Logger.MetadataValue)]) -> Bool {
        guard let index = fields.firstIndex(where: { $0.key == onceKey }) else { return false }
        fields.remove(at: index)
        return true
    }

    /// Handler, provider and event metadata joined, the more specific winning, sorted by key; the event's error, if it
    /// has one, is the field `error`.
    static func merged(
        of event: LogEvent,
        handler: Logger.Metadata,
        provider: Logger.MetadataProvider?
    ) -> [(key: String, value: Logger.MetadataValue)] {
        var fields = handler
        if let provider { fields.merge(provider.get()) { $1 } }
        if let metadata = event.metadata { fields.merge(metadata) { $1 } }
        if let error = event.error, fields["error"] == nil { fields["error"] = .string("\(error)") }
        return fields.sorted { $0.key < $1.key }
    }
}
