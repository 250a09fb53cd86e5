/** Webhooks of a service in a process of its own. */
package io.fileaudit.it.hook;
