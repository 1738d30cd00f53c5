import Ingest

/// When the sources are loaded, in the banner's one line.
struct ScheduleText {
    let text: String

    /// - Parameter origin: where it was said that there is to be no schedule.
    init(_ schedule: ScheduleStatus, offBy origin: String) {
        let usual = schedule.everyMilliseconds.map { DurationText.text($0) } ?? ""
        switch schedule.state {
        case .disabled: text = "off (\(origin)): sources are loaded when you ask; without that, at start and every \(usual)"
        case .idle: text = "no source to load"
        case .ok, .stalled:
            let own = schedule.sources.filter { $0.everyMilliseconds != schedule.everyMilliseconds }
                .map { "\($0.name) every \(DurationText.text($0.everyMilliseconds))" }
            let intervals = own.count == schedule.sources.count ? own : ["every \(usual)"] + own
            text = intervals.joined(separator: ", ") + (schedule.nextTick.map { ", next at \($0)" } ?? "") + " (off with --no-schedule)"
        }
    }
}
