package import Logging
import Synchronization

/// The level of all loggers of a process, which may change while it runs.
package final class LogLevelSwitch: Sendable {
    private let current: Mutex<Logger.Level>

    package init(_ level: Logger.Level) { current = Mutex(level) }

    /// Events below it are not written.
    package var level: Logger.Level {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// A handler that asks here each time, unless its logger is given a level of its own.
    package func handler(_ base: any LogHandler) -> any LogHandler { SwitchedLogHandler(base: base, shared: self) }
}

private struct SwitchedLogHandler: LogHandler {
    var base: any LogHandler
    let shared: LogLevelSwitch
    var own: Logger.Level?

    var logLevel: Logger.Level {
        get { own ?? shared.level }
        set { own = newValue }
    }

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { base.log(event: event) }
}
