import MarketData
import TickerStore
import Transfer

/// Why an alert did not go out; holds no secret.
package struct AlertFailure: Error, Sendable {
    package let message: String
}

/// Sends one alert by one channel, once, on the calling thread.
package struct AlertSender: Sendable {
    package let settings: AlertSettings
    /// What must not be seen in what a server says.
    let secrets: Secrets

    /// Bytes of a server's answer that an error repeats.
    private static let longestExcerpt = 200

    package init(settings: AlertSettings, secrets: Secrets) {
        self.settings = settings
        self.secrets = secrets
    }

    /// - Returns: What the operator should know although it went out; mostly nil.
    func send(_ alert: Alert, by channel: AlertChannel, _ context: AlertContext, _ cancellation: CancellationFlag) throws(AlertFailure) -> String? {
        let text = AlertText(alert: alert, context: context)
        switch channel {
        case .email: return try mail(text, cancellation)
        case .webhook:
            if let url = settings.webhookURL { try ask(url, context, posting: text.json, cancellation) }
            return nil
        case .heartbeat:
            try ping(context, cancellation)
            return nil
        }
    }

    /// A message of its own that says that nothing is wrong.
    package func sendTest(by channel: AlertChannel, _ context: AlertContext) throws(AlertFailure) -> String? {
        let now = Timestamp(milliseconds: currentMilliseconds())
        let alert = Alert(event: .test, incident: .nothing, cause: "a test", since: now, at: now)
        return try send(alert, by: channel, context, CancellationFlag())
    }

    func ping(_ context: AlertContext, _ cancellation: CancellationFlag) throws(AlertFailure) {
        if let url = settings.heartbeatURL { try ask(url, context, posting: nil, cancellation) }
    }

    private func mail(_ text: AlertText, _ cancellation: CancellationFlag) throws(AlertFailure) -> String? {
        guard let email = settings.email else { return nil }
        var request = MailRequest(
            server: email.server,
            login: email.login,
            sender: email.sender,
            recipients: email.recipients,
            message: text.mail(to: email).bytes,
            certificateFile: settings.certificateFile
        )
        request.totalTimeout = settings.timeout
        request.answerTimeout = settings.timeout * 2 / 3
        do throws(MailError) {
            let refusals = try MailTransfer.send(request, cancellation: cancellation)
            return refusals.isEmpty ? nil : secrets.redacted("\(email.server.endpoint) refused a part of it: \(refusals.joined(separator: "; "))")
        } catch {
            throw AlertFailure(message: secrets.redacted(error.description))
        }
    }

    private func ask(_ url: String, _ context: AlertContext, posting body: [UInt8]?, _ cancellation: CancellationFlag) throws(AlertFailure) {
        var request = FetchRequest(url: url, userAgent: context.userAgent)
        if let body {
            request.isPost = true
            request.body = body
            request.headers = [("Content-Type", "application/json")]
        }
        // The operator wrote the address, and there is no way from it to another one.
        request.allowPrivateAddresses = true
        request.limits.maximumRedirects = 0
        request.limits.maximumBytes = 1 << 20
        request.limits.totalTimeout = settings.timeout
        request.certificateFile = settings.certificateFile
        let host = AlertSettings.host(of: url)
        let response: FetchResponse
        do throws(FetchError) {
            response = try Fetcher.fetch(request, cancellation: cancellation)
        } catch {
            throw AlertFailure(message: secrets.redacted(error.message))
        }
        guard !(200..<300).contains(response.status) else { return }
        let printable = response.body.prefix(Self.longestExcerpt).map { (0x20...0x7E).contains($0) ? $0 : 0x20 }
        let excerpt = String(decoding: printable, as: UTF8.self)
        throw AlertFailure(message: secrets.redacted("\(host) answered \(response.status)\(excerpt.isEmpty ? "" : ": \(excerpt)")"))
    }
}
