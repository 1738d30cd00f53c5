import Glibc
import MarketData

/// Shows how far a run is, as often as it is told: on a terminal in place, else in plain lines. On standard error, because standard output has the
/// command's result.
struct ProgressDisplay {
    /// Between two looks at a run.
    static let interval = Duration.milliseconds(250)

    /// nil: plain lines.
    private let screen: TerminalScreen?
    /// Whether there are no plain lines either: a log in JSON is for machines.
    private let isSilent: Bool
    private var meter = RateMeter()
    private var lines = ProgressLines()

    init(screen: TerminalScreen?, isSilent: Bool) {
        self.screen = screen
        self.isSilent = isSilent
    }

    mutating func show(_ progress: RunProgress) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let now = Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
        var progress = progress
        meter.measure(&progress, at: now)
        if let screen {
            let size = screen.size
            screen.show(ProgressFrame(columns: size.columns, rows: size.rows, isColored: screen.isColored).lines(progress))
        } else if !isSilent {
            for line in lines.lines(progress, at: now) { writeError(line) }
        }
    }

    /// Makes room for the result. In plain lines the last word on each source is said.
    ///
    /// - Parameter progress: The run's end.
    mutating func end(_ progress: RunProgress?) {
        if let screen { return screen.show([]) }
        if let progress { show(progress) }
    }
}
