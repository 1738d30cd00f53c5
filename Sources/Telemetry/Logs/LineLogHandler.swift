package import Logging

/// Writes each log event as one line.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let format: LogFormat
    private let sink: LogSink

    init(label: String, level: Logger.Level, format: LogFormat, sink: LogSink) {
        self.label = label
        self.logLevel = level
        self.format = format
        self.sink = sink
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = LogLine(milliseconds: sink.clock.wall(), level: event.level, logger: label, message: event.message.description)
        line.fields = LogFields.merged(of: event, handler: metadata, provider: metadataProvider)
        line.isToldOnce = LogFields.takeToldOnce(&line.fields)
        sink.write(line, as: format)
    }
}
