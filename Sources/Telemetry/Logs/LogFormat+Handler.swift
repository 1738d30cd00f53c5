package import Logging

extension LogFormat {
    /// The handler for `LoggingSystem.bootstrap`.
    ///
    /// - Parameters:
    ///   - label: the logger's name.
    ///   - level: events below it are not written.
    ///   - sink: where lines go; one for the whole process.
    package func handler(label: String, level: Logger.Level, sink: LogSink) -> any LogHandler {
        LineLogHandler(label: label, level: level, format: self, sink: sink)
    }
}
