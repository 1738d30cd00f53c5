import MarketData
import Transfer

/// What the environment and the `alerts` object of a configuration file make of the alerts; a variable wins over the file.
package struct AlertConfiguration: Sendable {
    package private(set) var settings = AlertSettings()
    /// What of it nobody may see.
    package private(set) var secrets = Secrets()
    /// Mistakes in the file.
    package let problems: [ConfigurationProblem]
    /// Mistakes in the environment; each begins with the variable's name.
    package let variableProblems: [String]
    /// Every value and where it came from; secrets are masked.
    package private(set) var values: [ConfiguredValue] = []

    /// Where mail goes when nobody says: the server that the mailboxes of this program's forerunners were at.
    private static let usualServer = "smtp://smtp.gmail.com:587"
    private static let mostRecipients = 50

    package init(file: ConfigurationText?, surroundings: ConfigurationSurroundings) {
        let problems = ConfigurationProblems()
        let section = file.flatMap { ConfigurationSection(layers: [$0.root], problems: problems).section("alerts") }
        section?.refuseUnknown(ConfigurationKeys.keys(of: .alerts))
        var reader = AlertReader(section: section, surroundings: surroundings)
        settings.email = Self.email(&reader)
        settings.webhookURL = Self.url(.webhook, &reader)
        settings.heartbeatURL = Self.url(.heartbeat, &reader)
        if let node = section?["ca_file"], let path = problems.string(node, "the path of a PEM file") {
            settings.certificateFile = node.text.resolved(path)
            reader.show("ca_file", settings.certificateFile ?? "", node.origin)
        }
        secrets = reader.secrets
        values = reader.values
        self.problems = problems.list
        variableProblems = reader.variableProblems
    }

    private static func email(_ reader: inout AlertReader) -> AlertSettings.Email? {
        let to = reader.list(.emailTo)
        let user = reader.text(.emailUser)
        let password = reader.text(.emailPassword)
        let from = reader.text(.emailFrom)
        let url = reader.text(.smtpURL)
        guard let first = to ?? user ?? password ?? from ?? url, reader.isGood else { return nil }
        if let password { reader.keep(password: password.text, of: user?.text) }
        let server: MailServer
        do throws(MailServer.Problem) {
            server = try MailServer(url: url?.text ?? usualServer)
        } catch {
            reader.tell(url ?? first, "this is no mail server: \(error.reason); write smtp://host:587 or smtps://host:465")
            return nil
        }
        if let given = user ?? password, user == nil || password == nil {
            reader.tell(
                given,
                "a login has two parts; set \(user == nil ? AlertReader.Key.emailUser.names : AlertReader.Key.emailPassword.names) too"
            )
        }
        if user == nil, url == nil {
            reader.tell(
                first,
                "\(server.host) wants a login; set \(AlertReader.Key.emailUser.names) and \(AlertReader.Key.emailPassword.names),"
                    + " or \(AlertReader.Key.smtpURL.names) for another server"
            )
        }
        guard let recipients = to ?? user else {
            reader.tell(first, "who is the mail to? Set \(AlertReader.Key.emailTo.names)")
            return nil
        }
        guard let sender = from ?? user else {
            reader.tell(first, "who is the mail from? Set \(AlertReader.Key.emailFrom.names)")
            return nil
        }
        let addresses = recipients.text.split(separator: ",").map { Substring($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
        for (address, given) in addresses.map({ (String($0), recipients) }) + [(sender.text, sender)] where !MailAddress.isUsable(address) {
            let cure = to == nil || from == nil ? "; set \(to == nil ? AlertReader.Key.emailTo.names : AlertReader.Key.emailFrom.names)" : ""
            reader.tell(given, "“\(address.prefix(100))” is no e-mail address\(given.key == .emailUser ? cure : "")")
        }
        if addresses.count > mostRecipients { reader.tell(recipients, "these are more than \(mostRecipients) addresses; use a mailing list") }
        guard reader.isGood else { return nil }
        return AlertSettings.Email(
            server: server,
            login: user.flatMap { user in password.map { .init(user: user.text, password: $0.text) } },
            sender: sender.text,
            recipients: addresses.map(String.init)
        )
    }

    private static func url(_ channel: AlertChannel, _ reader: inout AlertReader) -> String? {
        guard let given = reader.text(channel == .webhook ? .webhookURL : .heartbeatURL) else { return nil }
        guard Fetcher.canFetch(url: given.text) else {
            reader.tell(given, "an absolute http or https URL is expected")
            return nil
        }
        reader.keep(url: given.text)
        return given.text
    }
}
