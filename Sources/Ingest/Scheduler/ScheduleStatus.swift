package import MarketData

/// The schedule as `/health`, `/stats`, the banner and the metrics show it.
package struct ScheduleStatus: Sendable {
    /// How the schedule is getting on.
    package enum State: String, Sendable {
        case ok
        /// It is on, and there is no source.
        case idle
        /// It is off: sources are loaded when somebody asks.
        case disabled
        /// Something is due for more than two minutes, and no run goes on.
        case stalled
    }

    /// The ticks of one source.
    package struct Source: Sendable {
        package var name: String
        package var everyMilliseconds: Int64
        /// When the newest run over it began, or took it in; nil: never.
        package var lastAttempt: Timestamp?
        /// In the past while it waits to be loaded; nil when the schedule is off.
        package var nextTick: Timestamp?
    }

    package var state: State
    /// Of sources without an interval of their own; nil when nobody said.
    package var everyMilliseconds: Int64?
    /// The newest tick that was answered since the process began.
    package var lastTick: Timestamp?
    /// The earliest of the sources'.
    package var nextTick: Timestamp?
    package var sources: [Source] = []
    /// Why nothing could be loaded when it was tried last; nil when it could.
    package var problem: String?

    /// No schedule at all.
    package static let disabled = ScheduleStatus(state: .disabled)
}

extension ScheduleStatus {
    /// Appends `{state, every_ms, last_tick, next_tick, sources}` as a value (spec section 9).
    package func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("state", state.rawValue)
        writer.member("every_ms", everyMilliseconds)
        writer.member("last_tick", lastTick?.description)
        writer.member("next_tick", nextTick?.description)
        writer.key("sources")
        writer.beginObject()
        for source in sources {
            writer.key(source.name)
            writer.beginObject()
            writer.member("every_ms", source.everyMilliseconds)
            writer.member("last_attempt", source.lastAttempt?.description)
            writer.member("next_tick", source.nextTick?.description)
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }
}
