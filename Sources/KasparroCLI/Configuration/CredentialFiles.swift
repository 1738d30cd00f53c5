import HTTPAPI
import Synchronization
import TickerStore

/// The server's token and key (spec section 9, Auth). Their files are looked at again and again, so that a new token is in force, and the old
/// one out of it, without a restart.
final class CredentialFiles: CredentialReading {
    private struct State {
        var credentials: Credentials
        /// What the files were when they were read; nil where there is none.
        var token: FileStatus?
        var key: FileStatus?
        var complaint: String?
    }

    private let tokenPlace: SecretPlace
    private let keyPlace: SecretPlace
    private let fileSystem: any FileSystem
    private let warning: @Sendable (String) -> Void
    private let state: Mutex<State>
    private let isNew: Bool

    /// Reads both; the token is made when no place for it was named and there is none.
    ///
    /// - Parameter warning: told once of a file that has become unusable; what it held stays in force.
    /// - Throws: `CommandFailure`.
    init(
        tokenFile: String?,
        dataDirectory: String,
        _ configuration: Configuration,
        fileSystem: any FileSystem,
        warning: @escaping @Sendable (String) -> Void
    ) throws(CommandFailure) {
        tokenPlace = try SecretPlace.token(file: tokenFile, dataDirectory: dataDirectory, configuration)
        keyPlace = try SecretPlace.key(dataDirectory: dataDirectory, configuration)
        self.fileSystem = fileSystem
        self.warning = warning
        var isNew = false
        if case .file(let path) = tokenPlace, try SecretFile.read(path, fileSystem) == nil {
            guard path == dataDirectory + "/token" else {
                throw CommandFailure(.usage, SecretPlace.missing(path))
            }
            _ = try SecretFile.generateIfMissing(at: path, fileSystem)
            isNew = true
        }
        self.isNew = isNew
        var state = State(credentials: Credentials())
        try Self.read(tokenPlace, keyPlace, fileSystem, into: &state)
        self.state = Mutex(state)
    }

    func current() -> Credentials {
        state.withLock { state in
            do throws(CommandFailure) {
                try Self.read(tokenPlace, keyPlace, fileSystem, into: &state)
                state.complaint = nil
            } catch {
                if state.complaint != error.message { warning(error.message + "; what was there before stays in force") }
                state.complaint = error.message
            }
            return state.credentials
        }
    }

    /// For the banner.
    var tokenOrigin: String {
        if isNew, case .file(let path) = tokenPlace { return "generated, in \(path) (mode 0600)" }
        return tokenPlace.origin
    }

    /// How the token gets into a command line.
    var tokenExpression: String {
        switch tokenPlace {
        case .variable(let name, _): "$\(name)"
        case .file(let path): "$(cat \(path))"
        }
    }

    private static func read(
        _ tokenPlace: SecretPlace,
        _ keyPlace: SecretPlace,
        _ fileSystem: any FileSystem,
        into state: inout State
    ) throws(CommandFailure) {
        // A file that is gone says nothing about what is to be in force instead.
        if let token = try changed(tokenPlace, state.token, fileSystem) {
            state.credentials.token = token.text
            state.token = token.status
        }
        if let key = try changed(keyPlace, state.key, fileSystem) {
            try SecretPlace.checkKey(key.text, keyPlace)
            state.credentials.key = Array(key.text.utf8)
            state.key = key.status
        }
    }

    /// The secret of a place, unless it is as it was.
    private static func changed(
        _ place: SecretPlace,
        _ before: FileStatus?,
        _ fileSystem: any FileSystem
    ) throws(CommandFailure) -> (text: String, status: FileStatus?)? {
        switch place {
        case .variable(_, let value):
            return (value, nil)
        case .file(let path):
            // A link may lead elsewhere without being changed itself, so the file behind it is asked.
            if let before, let file = try? fileSystem.open(path, .read), let now = try? file.status(), now == before { return nil }
            return try SecretFile.read(path, fileSystem, cure: SecretPlace.cure(path)).map { ($0.text, $0.status) }
        }
    }
}
