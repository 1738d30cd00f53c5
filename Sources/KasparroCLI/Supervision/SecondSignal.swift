@preconcurrency import Dispatch
import Glibc

/// The end at once, for who does not want to wait for an orderly one.
///
/// A handler of signal(2) would not do: the descriptor through which the first signal was noticed goes on taking them, and is often quicker.
enum SecondSignal {
    /// From now on SIGTERM and SIGINT end the process with 1. Nothing that was acknowledged is lost by that.
    static func arm() { _ = sources }

    private static let sources = [SIGTERM, SIGINT].map { number in
        let source = DispatchSource.makeSignalSource(signal: number, queue: DispatchQueue(label: "kasparro.second-signal"))
        source.setEventHandler { _exit(1) }
        source.resume()
        return source
    }
}
