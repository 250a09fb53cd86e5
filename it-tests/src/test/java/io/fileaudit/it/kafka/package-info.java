/** Events in and changes of status out by a real broker, on one and on several nodes. */
package io.fileaudit.it.kafka;
