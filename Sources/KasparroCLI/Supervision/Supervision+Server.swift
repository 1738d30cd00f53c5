import Ingest
import TickerStore

extension Supervision.Subject {
    /// A server that works answers on its control socket, and its store's writer takes orders.
    static func server(_ parts: Composition, _ scheduler: Scheduler, url: String) -> Supervision.Subject {
        // Without the socket, which has told why there is none, the store alone is asked.
        let socket = try? SocketName(ControlSocket.fileName, in: parts.dataDirectory)
        let hasSocket = (try? parts.fileSystem.status(parts.dataDirectory + "/" + ControlSocket.fileName)) != nil
        return Supervision.Subject(
            fault: { [store = parts.store] milliseconds in
                if !store.isAnswering(within: milliseconds) { return "the store's writer has not answered for \(milliseconds) ms" }
                guard hasSocket, let socket else { return nil }
                return LivenessProbe.fault(socketPath: socket.path, milliseconds: milliseconds)
            },
            status: { [store = parts.store, runs = parts.runs] in
                var words = ["Serving \(url)", count(store.snapshot().counts.rows, "row")]
                if let run = runs.statistics().runInProgress { words.append("run \(run) goes on") }
                if let refusal = store.statistics.refusal { words.append("read-only: \(refusal)") }
                if let next = scheduler.status.nextTick { words.append("next load at \(next)") }
                return words.joined(separator: "; ")
            }
        )
    }
}
