import HTTPAPI
import Ingest
import Synchronization

/// What no line of the log may show; it may grow while the process runs.
final class Redaction: Sendable {
    private struct State {
        var secrets: Secrets
        /// The server's own: read from files, again and again.
        var credentials = Secrets()
        var hidden: Set<Credentials> = []
    }

    private let state: Mutex<State>

    init(_ secrets: Secrets) { state = Mutex(State(secrets: secrets)) }

    /// Those of the configuration and the environment.
    var secrets: Secrets {
        get { state.withLock { $0.secrets } }
        set { state.withLock { $0.secrets = newValue } }
    }

    /// Hides these from now on; those from before stay hidden.
    func hide(_ credentials: Credentials) {
        state.withLock { state in
            guard state.hidden.insert(credentials).inserted else { return }
            if let token = credentials.token { state.credentials.add(token) }
            if let key = credentials.key { state.credentials.add(String(decoding: key, as: UTF8.self)) }
        }
    }

    /// The text with `***` for each secret.
    func redacted(_ text: [UInt8]) -> [UInt8] {
        let (secrets, credentials) = state.withLock { ($0.secrets, $0.credentials) }
        return credentials.redacted(secrets.redacted(text))
    }
}

/// Credentials that no line of the log shows, whenever they were read.
struct HiddenCredentials: CredentialReading {
    private let base: any CredentialReading
    private let redaction: Redaction

    init(_ base: any CredentialReading, in redaction: Redaction) {
        self.base = base
        self.redaction = redaction
        redaction.hide(base.current())
    }

    func current() -> Credentials {
        let credentials = base.current()
        redaction.hide(credentials)
        return credentials
    }
}
