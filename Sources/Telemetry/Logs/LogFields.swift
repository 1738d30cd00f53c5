import Logging

/// The metadata of one event.
enum LogFields {
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
